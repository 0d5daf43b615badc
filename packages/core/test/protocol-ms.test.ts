import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { protocolMs, TIME_SCALE_ARGS } from "../src/index.ts";
import { TIME_SCALE } from "./time-scale.ts";

const CORE = fileURLToPath(new URL("../src/index.ts", import.meta.url));

async function inChild(args: readonly string[]): Promise<number> {
  const script = `import(${JSON.stringify(CORE)}).then(({ protocolMs }) => console.log(protocolMs(12_000)))`;
  const { stdout } = await promisify(execFile)(process.execPath, [...args, "--eval", script], { env: {} });
  return Number(stdout);
}

test("tests use shorter times, as do processes that they start with the same options", async () => {
  expect(TIME_SCALE).toBeGreaterThan(1);
  expect(protocolMs(12_000)).toBe(12_000 / TIME_SCALE);
  expect(await inChild(TIME_SCALE_ARGS)).toBe(12_000 / TIME_SCALE);
});

test("any other process uses the times as written", async () => {
  expect(await inChild([])).toBe(12_000);
});
