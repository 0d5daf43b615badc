import { expect, test } from "vitest";
import { alignFaces } from "./align-faces.ts";
import { FACE_LIMITS } from "./face-comparison.ts";
import { compareSkin, labOf, type TonePixels } from "./skin-tone.ts";
import { testFace } from "./test-face.ts";

type Level = readonly [number, number, number];

const SIZE = 300;
const SKIN: Level = [186, 140, 118];

/** A picture of {@link testFace}: skin within an oval, before a background of light and dark bands. */
function picture(change: (level: Level, isSkin: boolean) => Level): TonePixels {
  const data = new Uint8Array(SIZE * SIZE * 3);
  for (let y = 0; y < SIZE; y += 1) {
    for (let x = 0; x < SIZE; x += 1) {
      const isSkin = ((x - 150) / 80) ** 2 + ((y - 150) / 105) ** 2 < 1;
      const band = 40 + 180 * (x / SIZE);
      data.set(change(isSkin ? SKIN : [band, band, band], isSkin), (y * SIZE + x) * 3);
    }
  }
  return { data, width: SIZE, height: SIZE, channels: 3 };
}

function changeOf(change: (level: Level, isSkin: boolean) => Level) {
  const skin = measured(change);
  if (skin === undefined) throw new Error("the skin was not compared");
  return skin;
}

function measured(change: (level: Level, isSkin: boolean) => Level) {
  const [source, result] = [picture((level) => level), picture(change)];
  const face = testFace();
  return compareSkin({ pixels: source, face }, { pixels: result, face }, alignFaces(face, face));
}

const times =
  (factor: number) =>
  (level: Level): Level => [level[0] * factor, level[1] * factor, level[2] * factor];
const power =
  (exponent: number) =>
  ([r, g, b]: Level): Level => {
    const curve = (value: number): number => 255 * (value / 255) ** exponent;
    return [curve(r), curve(g), curve(b)];
  };

test("converts sRGB as CIE defines it", () => {
  expect(labOf(255, 255, 255).map((value) => Math.abs(Math.round(value)))).toEqual([100, 0, 0]);
  expect(labOf(200, 150, 120).map(Math.round)).toEqual([66, 15, 23]);
});

test("finds no change of the skin when the whole picture gets lighter or darker", () => {
  for (const change of [(level: Level) => level, power(0.7), power(1.4), times(0.8)]) {
    const { lightness } = changeOf(change);
    expect(Math.abs(lightness)).toBeLessThan(FACE_LIMITS.skinLightness);
  }
});

test("finds that only the skin got lighter or darker", () => {
  const lighter = changeOf((level, isSkin) => (isSkin ? times(1.2)(level) : level));
  expect(lighter.lightness).toBeGreaterThan(8);
  expect(Math.round(lighter.surroundings)).toBe(0);
  expect(changeOf((level, isSkin) => (isSkin ? times(0.8)(level) : level)).lightness).toBeLessThan(-8);
});

test("finds lighter skin in a picture that is lighter as a whole", () => {
  const both = changeOf((level, isSkin) => power(0.8)(isSkin ? times(1.2)(level) : level));
  expect(both.lightness).toBeGreaterThan(7);
  expect(both.surroundings).toBeGreaterThan(4);
});

test("compensates the white balance, and finds skin of another colour", () => {
  const warm = (level: Level): Level => [level[0] * 1.03, level[1], level[2] * 0.95];
  expect(changeOf(warm).colour).toBeLessThan(3);
  expect(changeOf((level, isSkin) => (isSkin ? [200, 120, 60] : level)).colour).toBeGreaterThan(14);
});

test("does not judge skin in front of a background that was replaced, or of a face that fills the picture", () => {
  const lighter = (level: Level): Level => times(1.2)(level);
  const replaced = measured((level, isSkin) => (isSkin ? lighter(level) : [250 - level[0], 200, 200]));
  expect(replaced).toBeUndefined();
  const face = testFace(({ x, y }) => ({ x: 150 + (x - 150) * 1.6, y: 150 + (y - 150) * 1.6 }));
  const [source, result] = [picture((level) => level), picture(lighter)];
  const near = compareSkin({ pixels: source, face }, { pixels: result, face }, alignFaces(face, face));
  expect(near).toBeUndefined();
});
