import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { BATCH_STATES, DarkroomError } from "@darkroom/core";
import { CommandError, EXIT, exitCodeOfError, Interrupted } from "./exit-codes.ts";
import { exitCodeOfState } from "./exit-code-of-state.ts";

it("gives each state of a batch its exit code", () => {
  expect(Object.fromEntries(BATCH_STATES.map((state) => [state, exitCodeOfState(state)]))).toEqual({
    ingesting: 0,
    awaiting_confirmation: 0,
    awaiting_approval: 0,
    running: 0,
    paused: 0,
    finishing: 0,
    completed: 0,
    completed_with_failures: 3,
    cancelled: 4,
    failed: 4,
  });
});

it("tells bad input, an unreachable service and a fault of our own apart", () => {
  expect(exitCodeOfError(new DarkroomError("invalid_input", "no"))).toBe(2);
  expect(exitCodeOfError(new DarkroomError("not_found", "no"))).toBe(2);
  expect(exitCodeOfError(new DarkroomError("redis_unavailable", "no"))).toBe(5);
  expect(exitCodeOfError(new DarkroomError("internal", "no"))).toBe(1);
  expect(exitCodeOfError(new TypeError("a bug"))).toBe(1);
  expect(exitCodeOfError(new CommandError(EXIT.unreachable, "no"))).toBe(5);
  expect(exitCodeOfError(new Interrupted())).toBe(130);
});

it("has every exit code in the docs, and no other", async () => {
  const text = await readFile(new URL("../../../docs/cli.md", import.meta.url), "utf8");
  const documented = [...text.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  expect(documented).toEqual(Object.values(EXIT));
});
