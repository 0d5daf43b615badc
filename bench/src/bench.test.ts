import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { BENCHMARKS } from "./benchmarks.ts";
import type { BenchResult } from "./result.ts";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));
const TIMEOUT_MS = 120_000;

function bench(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [MAIN, ...args], (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr });
    });
  });
}

// Checks only that each benchmark completes and returns every figure, not the speed.
test.each(BENCHMARKS.map(({ name }) => name))(
  "%s completes at tiny sizes and returns figures",
  async (name) => {
    const { code, stdout, stderr } = await bench(name, "--tiny", "--json");
    expect(code, stderr).toBe(0);
    const [result, ...others] = JSON.parse(stdout) as BenchResult[];
    expect(others).toEqual([]);
    expect(result?.name).toBe(name);
    expect(result?.machine.redis).toMatch(/^\d+\./);
    expect(result?.figures.length).toBeGreaterThan(0);
    expect(result?.figures.filter(({ value }) => !Number.isFinite(value))).toEqual([]);
    expect(result?.figures.some(({ target }) => target !== undefined)).toBe(true);
  },
  TIMEOUT_MS,
);

test("rejects an unknown name and an invalid size, listing what is available", async () => {
  const unknown = await bench("speed");
  expect(unknown.code).toBe(2);
  expect(unknown.stdout).toContain("There is no benchmark speed");
  const bad = await bench("memory", "--tiny", "--jobs", "many");
  expect(bad.code).toBe(1);
  expect(bad.stderr).toContain('--jobs takes a number, not "many"');
});
