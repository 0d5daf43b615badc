import fc from "fast-check";
import { expect, test } from "vitest";
import { indexesIn, isInRanges, rangesOf } from "./index-ranges.ts";

test("neighbours are one range", () => {
  expect(rangesOf([0, 1, 2, 5, 7, 8])).toBe("0-2,5,7-8");
  expect(rangesOf([])).toBe("");
});

test("parses ranges to the indexes that were formatted", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(200)), (some) => {
      const sorted = some.toSorted((a, b) => a - b);
      expect(indexesIn(rangesOf(sorted))).toEqual(sorted);
      const all = Array.from({ length: 202 }, (_, index) => index);
      expect(all.filter((index) => isInRanges(rangesOf(sorted), index))).toEqual(sorted);
    }),
  );
});
