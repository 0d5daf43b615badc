import { expect, test } from "vitest";
import { paintRows, shiftOf } from "./changed-pixels.ts";

const SIZE = 16;

function plain(value: number): Uint8ClampedArray {
  return new Uint8ClampedArray(SIZE * SIZE * 4).fill(value);
}

function paint(before: Uint8ClampedArray, after: Uint8ClampedArray) {
  const map = new Uint8ClampedArray(SIZE * SIZE * 4);
  const pair = { before, after, width: SIZE, height: SIZE, shift: shiftOf({ before, after }) };
  // In two slices, as the page does.
  const changed = paintRows(pair, map, { from: 0, end: 10 }) + paintRows(pair, map, { from: 10, end: 99 });
  return { changed, map };
}

test("a uniformly brighter picture has no change", () => {
  const { changed, map } = paint(plain(100), plain(160));
  expect(changed).toBe(0);
  expect([map[0], map[1], map[2]].every((value) => value === map[0])).toBe(true);
});

test("marks a changed patch in red and leaves the rest grey", () => {
  const after = plain(100);
  for (let y = 4; y < 8; y++) for (let x = 4; x < 8; x++) after.fill(220, (y * SIZE + x) * 4, (y * SIZE + x) * 4 + 4);
  const { changed, map } = paint(plain(100), after);
  const at = (x: number, y: number) => map.slice((y * SIZE + x) * 4, (y * SIZE + x) * 4 + 3);
  const [red = 0, green = 0, blue = 0] = at(5, 5);
  expect(red).toBeGreaterThan(200);
  expect(Math.max(green, blue)).toBeLessThan(120);
  expect(new Set(at(14, 14)).size).toBe(1);
  // The patch and the pixels beside it.
  expect(changed).toBe(32);
});
