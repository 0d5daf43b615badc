import { expect, test } from "vitest";
import { SLOPE } from "./drawn-thumbnail.ts";
import { looksSame } from "./same-picture.ts";
import { tileSums } from "./tile-sums.ts";

const slope = tileSums(SLOPE);
/** Returns the slope with some pixels brighter. */
const changed = (levels: number, isChanged: (x: number, y: number) => boolean) =>
  tileSums(
    SLOPE.map((level, at) => {
      const pixel = Math.floor(at / 3);
      return level + (isChanged(pixel % 256, Math.floor(pixel / 256)) ? levels : 0);
    }),
  );

test("pictures look the same until their tiles differ by 0.65 levels on average", () => {
  // Returns the slope with this many of 48 consecutive pixels one level brighter.
  const moved = (pixels: number) => changed(1, (x, y) => (y * 256 + x) % 48 < pixels);
  expect([0, 30, 31, 32, 48].map((pixels) => looksSame(slope, moved(pixels)))).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});

test("pictures look the same until one tile differs by 6 levels, wherever it is", () => {
  for (const [column, row] of [
    [20, 3],
    [63, 0],
    [17, 40],
    [63, 63],
  ] as const) {
    const moved = (levels: number) => changed(levels, (x, y) => x >> 2 === column && y >> 2 === row);
    expect([5, 6, 7, -5, -6].map((levels) => looksSame(slope, moved(levels)))).toEqual([
      true,
      false,
      false,
      true,
      false,
    ]);
  }
});

test("a difference in one channel counts by the mean over the channels", () => {
  const red = (levels: number) => tileSums(SLOPE.map((level, at) => level + (at < 12 && at % 3 === 0 ? levels : 0)));
  // Changes 4 of the tile's 16 pixels in 1 of 3 channels: one twelfth of the levels.
  expect([71, 72].map((levels) => looksSame(slope, red(levels)))).toEqual([true, false]);
});
