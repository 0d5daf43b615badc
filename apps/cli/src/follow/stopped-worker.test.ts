import { expect, test } from "vitest";
import type { BatchStatus } from "@darkroom/core";
import { isWorkedOnElsewhere, leftInOrder, untilSurelyLeft } from "./stopped-worker.ts";
import { testStatus } from "../test-kit/test-status.ts";

const NOW = Date.parse("2026-11-30T10:00:00.000Z");

function leftAt(since: string | null): NonNullable<BatchStatus["unattended"]> {
  return { missing: ["worker"], lacks: [], since, message: "nobody" };
}

test.each([
  [null, false, true],
  // The process died, and counts as present until its heartbeat times out.
  [null, true, false],
  [leftAt(null), false, false],
])("with %o, and no other process on this machine: %s, another process works on it: %s", (unattended, alone, works) => {
  expect(isWorkedOnElsewhere({ unattended }, { isAlone: () => alone })).toBe(works);
});

test.each([
  ["a moment ago", "2026-11-30T09:59:59.000Z", true],
  ["an hour ago, as after this machine slept", "2026-11-30T09:00:00.000Z", false],
  ["nobody knows when", null, false],
])("a process that was last seen %s has left in order: %s", (_, since, inOrder) => {
  expect(leftInOrder({ unattended: leftAt(since) }, NOW)).toBe(inOrder);
});

test("a process that is back after the machine slept has not stopped", async () => {
  const slept = testStatus({ pending: 3 }, { unattended: leftAt("2026-11-30T09:00:00.000Z") });
  const there = testStatus({ pending: 3 });
  const looks = [slept, there];
  const client = { status: async () => looks.shift() ?? there };
  const found = await untilSurelyLeft(client, slept, { isAlone: () => false }, new AbortController().signal);
  expect(found.unattended).toBeNull();
});
