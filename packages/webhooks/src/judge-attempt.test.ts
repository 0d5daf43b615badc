import { expect, test } from "vitest";
import { ATTEMPT_DELAYS_MS, judgeAttempt } from "./judge-attempt.ts";

const retry = (delayMs: number, holdMs = 0) => ({ kind: "retry", delayMs, holdMs });

test.each([
  [{ attempt: 1, status: 200 }, { kind: "delivered" }],
  [{ attempt: 8, status: 204 }, { kind: "delivered" }],
  [{ attempt: 1, status: 301 }, retry(5_000)],
  [{ attempt: 1, status: 404 }, retry(5_000)],
  [{ attempt: 1, status: 410 }, { kind: "gone" }],
  [{ attempt: 8, status: 410 }, { kind: "gone" }],
  [{ attempt: 1, status: undefined }, retry(5_000)],
  [{ attempt: 2, status: 500 }, retry(300_000)],
  [{ attempt: 3, status: 500 }, retry(1_800_000)],
  [{ attempt: 4, status: 500 }, retry(7_200_000)],
  [{ attempt: 5, status: 500 }, retry(18_000_000)],
  [{ attempt: 6, status: 500 }, retry(36_000_000)],
  [{ attempt: 7, status: 500 }, retry(36_000_000)],
  [{ attempt: 8, status: 500 }, { kind: "given_up" }],
  [{ attempt: 1, status: 429, retryAfterMs: 60_000 }, retry(60_000, 60_000)],
  [{ attempt: 2, status: 503, retryAfterMs: 60_000 }, retry(300_000, 60_000)],
  [{ attempt: 1, status: 500, retryAfterMs: 60_000 }, retry(60_000)],
  [{ attempt: 1, status: 503, retryAfterMs: 0 }, retry(5_000)],
] as const)("%j → %j", (attempt, verdict) => {
  expect(judgeAttempt({ retryAfterMs: undefined, ...attempt }, 0)).toEqual(verdict);
});

test("adds at most a fifth at random, and never returns sooner than asked", () => {
  const delays = [0, 0.5, 1].map((random) => {
    const verdict = judgeAttempt({ attempt: 1, status: 500, retryAfterMs: 5_500 }, random);
    return verdict.kind === "retry" ? verdict.delayMs : 0;
  });
  expect(delays).toEqual([5_500, 5_500, 6_000]);
  expect(ATTEMPT_DELAYS_MS.reduce((sum, ms) => sum + ms, 0)).toBe(99_305_000);
});
