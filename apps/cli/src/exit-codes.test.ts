import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { BATCH_STATES, DarkroomError } from "@darkroom/core";
import { CommandError, EXIT, exitCodeOfError, Interrupted } from "./exit-codes.ts";
import { exitCodeOfState } from "./exit-code-of-state.ts";

it("maps each state of a batch to its exit code", () => {
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

it("distinguishes bad input, an unreachable service and an internal error", () => {
  expect(exitCodeOfError(new DarkroomError("invalid_input", "no"))).toBe(2);
  expect(exitCodeOfError(new DarkroomError("not_found", "no"))).toBe(2);
  expect(exitCodeOfError(new DarkroomError("redis_unavailable", "no"))).toBe(5);
  expect(exitCodeOfError(new DarkroomError("internal", "no"))).toBe(1);
  expect(exitCodeOfError(new TypeError("a bug"))).toBe(1);
  expect(exitCodeOfError(new CommandError(EXIT.unreachable, "no"))).toBe(5);
  expect(exitCodeOfError(new Interrupted())).toBe(130);
});

it("the docs list every exit code, and no others", async () => {
  const text = await readFile(new URL("../../../docs/cli.md", import.meta.url), "utf8");
  const documented = [...text.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  expect(documented).toEqual(Object.values(EXIT));
});
