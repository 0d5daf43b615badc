#!/usr/bin/env node
// Runs all static checks. A failed check does not hide the results of the others.
import { spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const CHECKS = [
  ["format", ["node_modules/oxfmt/bin/oxfmt", "--check"]],
  ["lint", ["node_modules/oxlint/bin/oxlint", "--type-aware"]],
  ["types", ["node_modules/typescript/bin/tsc", "-p", "tsconfig.json"]],
  ["page", ["node_modules/typescript/bin/tsc", "-p", "apps/dashboard/tsconfig.json"]],
  ["openapi", ["node_modules/@redocly/cli/bin/cli.js", "lint", "docs/openapi.json"]],
  ["client", ["packages/client/test/write-schema.ts", "--check"]],
  ["imports", ["scripts/check-imports.mjs"]],
  // Loading the ledger composes all of its Lua scripts and compares their arguments.
  ["lua", ["packages/ledger/src/index.ts"]],
  ["unused", ["node_modules/knip/bin/knip.js", "--no-progress"]],
];

const failed = [];
for (const [name, args] of CHECKS) {
  const started = performance.now();
  const { status, stdout, stderr, error } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: "utf8",
    // Redocly otherwise sends usage data, and checks for newer versions.
    env: { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" },
    maxBuffer: 64 * 1024 * 1024,
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${status === 0 ? "ok    " : "FAILED"} ${name.padEnd(8)} ${seconds} s`);
  if (status === 0) continue;
  failed.push(name);
  process.stdout.write(stdout ?? "");
  process.stderr.write(error === undefined ? (stderr ?? "") : `${error.message}\n`);
}

if (failed.length > 0) {
  console.error(
    `Failed: ${failed.join(", ")}. npm run format fixes the format; node_modules/.bin/knip --fix removes what is unused.`,
  );
  process.exitCode = 1;
}
