import fc from "fast-check";
import { expect, test } from "vitest";
import { gridOf, offsetAfter, offsetAt, offsetShowing, scrollTopAt, TALLEST_PX, visiblePlaces } from "./grid.ts";

const SIZE = { width: 1_000, viewHeight: 800, leastCellWidth: 150, captionHeight: 40 };
const MILLION = gridOf(1_000_000, SIZE);

test("cells fill the width", () => {
  const { columns, cellWidth, rows } = gridOf(100, SIZE);
  expect({ columns, cellWidth, rows }).toEqual({ columns: 6, cellWidth: 166, rows: 17 });
  expect(gridOf(3, { ...SIZE, width: 90 }).columns).toBe(1);
});

test("a million portraits fit into a scroller that browsers can lay out, and its end shows the last row", () => {
  expect(MILLION.height).toBeGreaterThan(TALLEST_PX);
  expect(MILLION.scrollHeight).toBe(TALLEST_PX);
  const offset = offsetAt(MILLION, MILLION.scrollHeight - MILLION.viewHeight);
  expect(visiblePlaces(MILLION, { offset, count: 1_000_000, extraRows: 0 }).end).toBe(1_000_000);
  expect(offsetAt(MILLION, 0)).toBe(0);
});

test("a small step of a compressed scroller moves the view by the same pixels", () => {
  const from = 2_000_000;
  const offset = offsetAt(MILLION, from);
  expect(offsetAfter(MILLION, offset, { from, to: from + 100 })).toBe(offset + 100);
});

test("a jump of the scroll bar goes to the corresponding place", () => {
  expect(offsetAfter(MILLION, 0, { from: 0, to: 2_500_000 })).toBe(offsetAt(MILLION, 2_500_000));
});

test("either end of a scroller is an end of the sheet", () => {
  const end = MILLION.scrollHeight - MILLION.viewHeight;
  expect(offsetAfter(MILLION, 500, { from: 90, to: 0 })).toBe(0);
  expect(offsetAfter(MILLION, 1_000, { from: end - 50, to: end })).toBe(MILLION.height - MILLION.viewHeight);
});

test("offset and scroll position are each other's inverse, and every place can be shown", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3_000_000 }),
      fc.integer({ min: 100, max: 3_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (count, width, share) => {
        const grid = gridOf(count, { ...SIZE, width });
        const place = Math.floor(share * (count - 1));
        const offset = offsetShowing(grid, 0, place);
        const { first, end } = visiblePlaces(grid, { offset, count, extraRows: 0 });
        expect(place).toBeGreaterThanOrEqual(first);
        expect(place).toBeLessThan(end);
        expect(offsetAt(grid, scrollTopAt(grid, offset))).toBeCloseTo(offset, 3);
      },
    ),
  );
});
