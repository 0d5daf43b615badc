import { expect, test } from "vitest";
import { lastLine, runCommand } from "./run-command.ts";

test("distinguishes a missing program from one that fails", async () => {
  expect(await runCommand("no-such-program-here", [], { timeoutMs: 1_000 })).toMatchObject({ found: false, ok: false });
  expect(await runCommand("/bin/sh", ["-c", "echo no >&2; exit 3"], { timeoutMs: 5_000 })).toEqual({
    found: true,
    ok: false,
    stdout: "",
    stderr: "no\n",
  });
});

test("kills a program that takes too long, even when a grandchild holds its output open", async () => {
  const started = performance.now();
  const result = await runCommand("/bin/sh", ["-c", "sleep 5 & sleep 5"], { timeoutMs: 50 });
  expect(result).toMatchObject({ found: true, ok: false, stderr: "it did not end within 50 ms" });
  expect(performance.now() - started).toBeLessThan(4_000);
});

test("finds the last non-empty line", () => {
  expect(lastLine("first\n  second \n\n")).toBe("second");
});
