import { readFile } from "node:fs/promises";
import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";
import sharp, { type Sharp } from "sharp";
import { afterAll, describe, expect, test } from "vitest";
import { facePixelsOf } from "@darkroom/imaging";
import { FaceFinder } from "./face-finder.ts";
import type { Face, FoundFaces } from "./face.ts";

const EXAMPLES = fileURLToPath(new URL("../../../examples/", import.meta.url));
const GRACE = `${EXAMPLES}photos/grace_hopper.jpg`;
const EILEEN = `${EXAMPLES}photos/astronaut.png`;

const unavailable: string[] = [];
const finder = new FaceFinder({ enabled: true, onUnavailable: (message) => void unavailable.push(message) });
afterAll(async () => await finder.close());

async function find(picture: string | Sharp): Promise<FoundFaces> {
  const bytes = typeof picture === "string" ? await readFile(picture) : await picture.jpeg().toBuffer();
  const found = await finder.findFaces(async () => await facePixelsOf(bytes));
  if (found === undefined) throw new Error(`faces are not available: ${unavailable.join()}`);
  return found;
}

async function faceIn(picture: string | Sharp): Promise<Face> {
  const { faces } = await find(picture);
  const [face] = faces;
  if (face === undefined || faces.length !== 1) throw new Error(`there are ${faces.length} faces`);
  return face;
}

const blank = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: "#8899aa" } });

test("a portrait has one upright face, inside the picture", async () => {
  const team = globSync(`${EXAMPLES}team/engineering/*`);
  expect(team.length).toBe(5);
  for (const path of team) {
    const { faces, turn } = await find(path);
    const { width, height } = await facePixelsOf(await readFile(path));
    expect([path, faces.length, turn]).toEqual([path, 1, 0]);
    const { box, eyes, score } = faces[0] as Face;
    expect(score).toBeGreaterThan(0.8);
    expect([box.x > 0, box.y > 0, box.x + box.width < width, box.y + box.height < height]).not.toContain(false);
    expect(eyes.right.x).toBeLessThan(eyes.left.x);
    for (const eye of [eyes.right, eyes.left]) expect(eye.y).toBeLessThan(box.y + box.height / 2);
  }
});

test("landmarks are where the face is: the tip of the nose is between eyes and mouth", async () => {
  const { landmarks, eyes, box } = await faceIn(GRACE);
  const [nose, upperLip, chin] = [landmarks.point(1), landmarks.point(13), landmarks.point(152)];
  expect(nose.y).toBeGreaterThan(Math.max(eyes.left.y, eyes.right.y));
  expect(upperLip.y).toBeGreaterThan(nose.y);
  expect(chin.y).toBeCloseTo(box.y + box.height, -1);
  expect(() => landmarks.point(468)).toThrow(RangeError);
});

describe("a picture without a face", () => {
  const noise = () =>
    sharp({
      create: {
        width: 512,
        height: 640,
        channels: 3,
        background: "#777777",
        noise: { type: "gaussian", mean: 128, sigma: 60 },
      },
    });
  test.each<[string, () => Sharp]>([
    ["noise", noise],
    ["one colour", () => blank(512, 640)],
    ["a uniform without a head", () => sharp(GRACE).extract({ left: 0, top: 345, width: 512, height: 255 })],
  ])("has none: %s", async (_, make) => {
    expect(await find(make())).toMatchObject({ faces: [], turn: 0 });
  });
});

test("two people are two faces, the larger one first", async () => {
  const [left, right] = await Promise.all([sharp(GRACE).resize(400).toBuffer(), sharp(EILEEN).resize(400).toBuffer()]);
  const both = blank(1_000, 600).composite([
    { input: right, left: 40, top: 80 },
    { input: left, left: 540, top: 80 },
  ]);
  const { faces } = await find(both);
  expect(faces.map(({ box }) => box.x > 320)).toEqual([true, false]);
});

test.each([90, 180, 270] as const)("a face in a picture rotated by %i degrees is found", async (angle) => {
  const upright = await faceIn(GRACE);
  const { faces, turn } = await find(sharp(GRACE).rotate(angle));
  expect([faces.length, turn]).toEqual([1, 360 - angle]);
  expect(faces[0]?.description.likenessTo(upright.description)).toBeGreaterThan(85);
  const { width, height } = await facePixelsOf(await readFile(GRACE));
  const { x, y } = upright.eyes.right;
  const expected = { 90: [height - y, x], 180: [width - x, height - y], 270: [y, width - x] }[angle];
  const [wantedX = 0, wantedY = 0] = expected;
  const eye = faces[0]?.eyes.right ?? { x: 0, y: 0 };
  expect(Math.hypot(eye.x - wantedX, eye.y - wantedY)).toBeLessThan(10);
});

test("a face with a thirtieth of the picture's width is found", async () => {
  const small = blank(1_280, 1_600).composite([
    { input: await sharp(GRACE).resize(120).toBuffer(), left: 600, top: 500 },
  ]);
  const { box } = await faceIn(small);
  expect(box.width).toBeLessThan(30);
  expect([box.x, box.y].map((place) => Math.round(place / 100))).toEqual([3, 2]);
});

test("two pictures of one person are alike, and two people are not", async () => {
  const [one, again, other] = await Promise.all([
    faceIn(GRACE),
    faceIn(sharp(GRACE).extract({ left: 60, top: 20, width: 400, height: 500 }).linear(0.7, 10)),
    faceIn(EILEEN),
  ]);
  expect(one.description.likenessTo(one.description)).toBe(100);
  expect(one.description.likenessTo(again.description)).toBeGreaterThan(85);
  expect(one.description.likenessTo(other.description)).toBeLessThan(40);
  expect(one.description.isClear).toBe(true);
  expect((await faceIn(sharp(GRACE).blur(8))).description.isClear).toBe(false);
});

test("pictures are opened only in their turn", async () => {
  let open = 0;
  let most = 0;
  const bytes = await readFile(EILEEN);
  const look = async () => {
    open += 1;
    most = Math.max(most, open);
    const pixels = await facePixelsOf(bytes);
    queueMicrotask(() => void (open -= 1));
    return pixels;
  };
  const found = await Promise.all(Array.from({ length: 4 }, async () => await finder.findFaces(look)));
  expect(found.map((each) => each?.faces.length)).toEqual([1, 1, 1, 1]);
  expect(most).toBeLessThanOrEqual(2);
});

test("an aborted picture is not opened", async () => {
  const signal = AbortSignal.abort(new Error("the worker stops"));
  await expect(finder.findFaces(() => Promise.reject(new Error("it was opened")), signal)).rejects.toThrow(
    "the worker stops",
  );
});

test("disabled faces open no picture and report nothing", async () => {
  const off = new FaceFinder({ enabled: false, onUnavailable: (message) => void unavailable.push(message) });
  expect(await off.findFaces(() => Promise.reject(new Error("it was opened")))).toBeUndefined();
  expect([off.isAvailable, unavailable]).toEqual([false, []]);
});

test("a picture that cannot be examined ends the search for it alone, and three switch faces off with one sentence", async () => {
  const said: string[] = [];
  const fragile = new FaceFinder({ enabled: true, onUnavailable: (message) => void said.push(message) });
  const broken = () => Promise.resolve({ data: new Uint8Array(3), width: 1e9, height: 1e9, channels: 3 as const });
  const whole = async () => await facePixelsOf(await readFile(GRACE));
  try {
    expect(await fragile.findFaces(broken)).toBeUndefined();
    expect((await fragile.findFaces(whole))?.faces.length).toBe(1);
    for (let time = 0; time < 3; time += 1) expect(await fragile.findFaces(broken)).toBeUndefined();
    expect([fragile.isAvailable, said.length]).toEqual([false, 1]);
  } finally {
    await fragile.close();
  }
});
