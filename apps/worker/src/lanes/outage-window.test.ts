import { expect, test } from "vitest";
import { outageWindowMs } from "./outage-window.ts";

const timing = { backoff: { baseMs: 15_000, capMs: 600_000 } };

test.each([
  // [concurrent calls, duration of each (ms), sign, window (ms)]
  [20, 100, "fails", 60_000],
  [5, 20_000, "fails", 80_000],
  [1, 20_000, "fails", 400_000],
  [20, 0, "unreached", 150_000],
  [20, 10_000, "unreached", 250_000],
  [1, 20_000, "unreached", 400_000],
] as const)("counts %i concurrent calls that took %i ms and show %s within %i ms", (concurrency, tookMs, sign, ms) => {
  const outage = { failures: 10, windowMs: 60_000 };
  expect(outageWindowMs({ outage, concurrency, tookMs, sign, timing })).toBe(ms);
});
