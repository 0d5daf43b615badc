#!/bin/sh
# Installs what one app needs in production and puts it, with the sources, into /out (or the folder given second).
set -eu
app=$1
out=${2:-/out}

pnpm install --prod --frozen-lockfile --offline --filter-prod "@darkroom/$app..."

# The image brings Node; the one for machines with an older Node is 120 MB.
rm -rf node_modules/node-linux-* node_modules/.pnpm/node-linux-* node_modules/.bin

mkdir -p "$out/apps"
cp -a package.json node_modules packages "$out/"
for folder in apps/*; do
  # An app that was not asked for is there only where one that was depends on it.
  if [ -d "$folder/node_modules" ]; then cp -a "$folder" "$out/apps/"; fi
done
