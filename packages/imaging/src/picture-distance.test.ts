import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { cubeRoot } from "./cube-root.ts";
import { drawn, SLOPE, WAVES } from "./drawn-thumbnail.ts";
import { colourGrid, distanceOf, isFlat, turnBetween } from "./picture-distance.ts";
import { thumbnailOf } from "./thumbnail.ts";
import { tileSums } from "./tile-sums.ts";

const gridOf = (thumbnail: Uint8Array) => colourGrid(tileSums(thumbnail));
const example = async (name: string) =>
  gridOf(await thumbnailOf(await readFile(new URL(name, new URL("../../../examples/", import.meta.url)))));

// Distances appear in reports and are compared across batches, so an optimization must not change them.
test.each([
  ["photos/astronaut.png", "photos/camera.png", 0.3076],
  ["photos/camera.png", "photos/grace_hopper.jpg", 0.3196],
  ["photos/grace_hopper.jpg", "team/design/portrait-02.jpg", 0.2536],
  ["team/design/portrait-02.jpg", "team/engineering/portrait-05.png", 0.3065],
  ["team/engineering/portrait-05.png", "team/sales/portrait-03.jpg", 0.1204],
])("%s and %s have the recorded distance", async (one, other, distance) => {
  const [a, b] = await Promise.all([example(one), example(other)]);
  expect(distanceOf(a, b)).toBe(distance);
  expect(distanceOf(b, a)).toBe(distance);
});

test("drawn pictures have the recorded distance", () => {
  const [waves, slope] = [gridOf(WAVES), gridOf(SLOPE)];
  const darker = gridOf(SLOPE.map((level) => level - (level >> 4)));
  expect(distanceOf(waves, slope)).toBe(0.3034);
  expect(distanceOf(slope, darker)).toBe(0.0152);
  expect(distanceOf(waves, darker)).toBe(0.3117);
  expect(distanceOf(slope, slope)).toBe(0);
  expect(distanceOf(gridOf(drawn(() => 0)), gridOf(drawn(() => 255)))).toBe(1);
});

test("finds each rotation of a picture, and none without rotation", () => {
  const last = 255;
  const at = (x: number, y: number, channel: number) => WAVES[(y * 256 + x) * 3 + channel] ?? 0;
  const upright = gridOf(WAVES);
  const turns = [
    [90, (x: number, y: number, channel: number) => at(y, last - x, channel)],
    [180, (x: number, y: number, channel: number) => at(last - x, last - y, channel)],
    [270, (x: number, y: number, channel: number) => at(last - y, x, channel)],
    [0, (x: number, y: number, channel: number) => at(last - x, y, channel)],
    [0, at],
  ] as const;
  for (const [degrees, level] of turns) expect(turnBetween(upright, gridOf(drawn(level)))).toBe(degrees);
});

test("a picture is flat while no channel spans more than compression artefacts do", () => {
  const step = (levels: number) => gridOf(drawn((x) => 120 + (x >= 128 ? levels : 0)));
  expect([1, 2, 3, 4, 5, 6, 7, 8].map((levels) => isFlat(step(levels)))).toEqual([
    true,
    true,
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
  expect(isFlat(gridOf(drawn((x, _, channel) => (channel === 2 && x < 9 ? 140 : 100))))).toBe(false);
});

test("the fast cube root equals the cube root", () => {
  for (let value = 0; value < 1.01; value += 0.000_013) {
    expect(Math.abs(cubeRoot(value) - Math.cbrt(value))).toBeLessThan(1e-12);
  }
});
