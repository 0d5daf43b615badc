import { expect, it } from "vitest";
import { WAIT_ENDS } from "@darkroom/core";
import { barText } from "./bar-text.ts";
import { testStatus } from "../test-kit/test-status.ts";

const FAILED = {
  reason: "provider_retry",
  count: 5,
  nextLookAt: null,
  endsWhen: WAIT_ENDS.provider_retry,
  message: null,
} as const;
const STATUS = testStatus(
  { succeeded: 11, failed: 3, running: 8, retrying: 5 },
  { waiting: [FAILED], ratePerSecond: 0.55, secondsLeft: { low: 65, likely: 80, high: 130 } },
);

it("shows everything if there is space", () => {
  expect(barText(STATUS, 200, 125_000)).toBe(
    "3 failed · 8 running · 5 retrying · 33.0 a minute · 1m 10s to 2m 10s left · 2m 5s",
  );
});

it.each([
  [60, "3 failed · 8 running · 5 retrying · 1m 10s to 2m 10s left"],
  [45, "3 failed · 8 running · 1m 10s to 2m 10s left"],
  [20, "3 failed · 8 running"],
  [4, ""],
])("omits whole parts that do not fit into %d columns", (columns, text) => {
  expect(barText(STATUS, columns, 125_000)).toBe(text);
});

it("shows that a pilot runs, and the state of a batch that does not run", () => {
  expect(barText(testStatus({ running: 2, pending: 25 }, { pilot: 3 }), 80, 0)).toBe("pilot of 3 · 2 running");
  expect(barText(testStatus({ succeeded: 2 }, { state: "finishing" }), 80, 0)).toBe("finishing");
});

it("shows that portraits of a dead worker were interrupted", () => {
  const unattended = { missing: ["worker"], lacks: [], since: null, message: "no worker" } as const;
  expect(barText(testStatus({ succeeded: 1, running: 2 }, { unattended }), 80, 0)).toMatch(/2 interrupted/);
});
