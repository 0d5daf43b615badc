import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { spawnCommand } from "./test-kit/test-command.ts";
import { runProgram } from "./program.ts";
import { testStreams } from "./test-kit/test-streams.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));

async function run(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await spawnCommand(args, { cwd: HERE }).ended;
  expect([code, err]).toEqual([0, ""]);
  return out;
}

test.each(["bash", "zsh", "fish", "powershell"])("prints a script for %s", async (shell) => {
  const script = await run("completion", shell);
  expect(script).toMatch(/darkroom complete /);
  if (shell === "bash") execFileSync("bash", ["-n"], { input: script });
});

test.each([
  [["sched"], ["schedule"]],
  [
    ["schedule", "re"],
    ["resume", "remove"],
  ],
  [
    ["schedule", "add", "--overlap", ""],
    ["skip", "queue", "cancel-running"],
  ],
  [["enhance", "--mo"], ["--mode"]],
])("completes %j", async (typed, found) => {
  const lines = (await run("complete", "--", ...typed)).split("\n");
  const words = lines.map((line) => line.split("\t")[0]).filter((word) => word !== "" && !/^:\d+$/.test(word ?? ""));
  expect(words).toEqual(found);
});

test("refuses an unknown shell", async () => {
  const streams = testStreams();
  expect(await runProgram(["completion", "tcsh"], { variables: {}, cwd: HERE, streams })).toBe(2);
  expect(streams.err()).toContain("zsh");
});

test("wraps help at the terminal's width", async () => {
  const help = async (columns: number): Promise<readonly string[]> => {
    const streams = testStreams({ isTTY: true });
    Object.assign(streams.stdout, { columns });
    await runProgram(["keys", "create", "--help"], { variables: {}, cwd: HERE, streams });
    return streams.out().split("\n");
  };
  for (const columns of [60, 100]) {
    const lines = (await help(columns)).filter((line) => !/^\s+(\$|--)/.test(line));
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(columns);
  }
  expect((await help(60)).length).toBeGreaterThan((await help(100)).length);
});
