import { expect, test } from "vitest";
import { burstOf, callQuota } from "./call-quota.ts";

test.each([
  [1, 1],
  [5, 5],
  [6, 5],
  [60, 6],
  [600, 60],
])("of %i calls a minute, %i may come at once", (callsPerMinute, burst) => {
  expect(burstOf(callsPerMinute)).toBe(burst);
});

test.each([
  // 6 calls a minute: one in 10 s, a burst of 5.
  { callsPerMinute: 6, aheadMs: 0, remaining: 5, seconds: 0 },
  { callsPerMinute: 6, aheadMs: 10_000, remaining: 4, seconds: 10 },
  { callsPerMinute: 6, aheadMs: 9_999, remaining: 4, seconds: 10 },
  { callsPerMinute: 6, aheadMs: 40_000, remaining: 1, seconds: 40 },
  { callsPerMinute: 6, aheadMs: 40_001, remaining: 0, seconds: 1 },
  { callsPerMinute: 6, aheadMs: 50_000, remaining: 0, seconds: 10 },
  { callsPerMinute: 1, aheadMs: 60_000, remaining: 0, seconds: 60 },
  { callsPerMinute: 600, aheadMs: 100, remaining: 59, seconds: 1 },
])("a clock $aheadMs ms ahead leaves $remaining of $callsPerMinute calls a minute, for $seconds s", (row) => {
  const { aheadMs, ...quota } = row;
  expect(callQuota(row.callsPerMinute, aheadMs)).toEqual(quota);
});
