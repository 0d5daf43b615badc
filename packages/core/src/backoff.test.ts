import * as fc from "fast-check";
import { expect, test } from "vitest";
import { backoffMs, DEFAULT_BACKOFF } from "./backoff.ts";

const policies = fc.record({
  baseMs: fc.integer({ min: 1, max: 3_600_000 }),
  capMs: fc.integer({ min: 1, max: 86_400_000 }),
});
const attempts = fc.integer({ min: 1, max: 5_000 });
const randoms = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test("a delay is a whole number between 0 and both of its bounds", () => {
  fc.assert(
    fc.property(policies, attempts, randoms, (policy, attempt, random) => {
      const waitMs = backoffMs(policy, attempt, random);
      expect(Number.isSafeInteger(waitMs)).toBe(true);
      expect(waitMs).toBeGreaterThanOrEqual(0);
      expect(waitMs).toBeLessThanOrEqual(policy.capMs);
      expect(waitMs).toBeLessThanOrEqual(policy.baseMs * 2 ** (attempt - 1));
    }),
  );
});

test("a delay is never shorter than the provider asked, even beyond the cap", () => {
  fc.assert(
    fc.property(policies, attempts, randoms, fc.nat(864_000_000), (policy, attempt, random, askedMs) => {
      expect(backoffMs(policy, attempt, random, askedMs)).toBe(Math.max(backoffMs(policy, attempt, random), askedMs));
    }),
  );
});

test("with the same random number, a later attempt never waits less", () => {
  fc.assert(
    fc.property(policies, attempts, randoms, (policy, attempt, random) => {
      expect(backoffMs(policy, attempt + 1, random)).toBeGreaterThanOrEqual(backoffMs(policy, attempt, random));
    }),
  );
});

test("the bound doubles from the base to the cap", () => {
  const almostOne = 1 - Number.EPSILON;
  const waits = [1, 2, 3, 6, 7, 60].map((attempt) => Math.ceil(backoffMs(DEFAULT_BACKOFF, attempt, almostOne) / 1_000));
  expect(waits).toEqual([15, 30, 60, 480, 600, 600]);
});
