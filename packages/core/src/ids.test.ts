import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isBatchId, newBatchId, sessionId } from "./ids.ts";
import { portraitIdentity } from "./batch/portrait-identity.ts";

test("batch ids are unique, sorted by creation, and valid in job ids, keys and file names", () => {
  const ids = Array.from({ length: 2_000 }, newBatchId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.toSorted()).toEqual(ids);
  for (const id of ids) {
    expect(isBatchId(id)).toBe(true);
    expect(id).not.toContain(":");
    expect(Number.isInteger(Number(id))).toBe(false);
    expect(encodeURIComponent(id)).toBe(id);
  }
});

test.each([
  "",
  "01J",
  "01J8Z3K5T7V9X1B3D5F7H9K1M3",
  "01j8z3k5t7v9x1b3d5f7h9k1mi",
  `${newBatchId()}\n`,
  `${newBatchId()}0`,
])("%j is not a batch id", (text) => {
  expect(isBatchId(text)).toBe(false);
});

const IDENTITIES = ["ana.jpg", "bo.jpg"].map((source) => portraitIdentity({ source, destination: source }, "f"));

test("a session belongs to one portrait and one generation of one round", () => {
  const batches = [newBatchId(), newBatchId()];
  const place = fc.tuple(fc.constantFrom(...batches), fc.constantFrom(...IDENTITIES), fc.nat(50), fc.nat(50));
  fc.assert(
    fc.property(place, place, (a, b) => {
      expect(sessionId(...a) === sessionId(...b)).toBe(a.join() === b.join());
    }),
  );
});

test("a session's id is derived from its portrait, and the first generation has no suffix", () => {
  const batch = newBatchId();
  const [ana = ""] = IDENTITIES;
  expect(sessionId(batch, ana, 0)).toBe(`darkroom-${batch}-${ana}`);
  expect(sessionId(batch, ana, 2, 1)).toBe(`darkroom-${batch}-${ana}-r1-g2`);
});
