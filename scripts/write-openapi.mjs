#!/usr/bin/env node
// Writes docs/openapi.json from the API's routes, and the client's types from that document.
import { spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const STEPS = [
  ["apps/api/src/write-openapi.ts"],
  ["node_modules/oxfmt/bin/oxfmt", "docs/openapi.json"],
  ["packages/client/test/write-schema.ts"],
];

for (const args of STEPS) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
