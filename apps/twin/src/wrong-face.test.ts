import sharp from "sharp";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { TestClient } from "./test-client.ts";
import { drawPortrait, meanDifference, PhotoServer } from "./test-photos.ts";
import { startTwin, type Twin } from "./twin.ts";
import type { WrongFace } from "./wrong-face.ts";

let photos: PhotoServer;
let anna: string;
let ben: string;
const opened: (Twin | TestClient)[] = [];

beforeAll(async () => {
  photos = await new PhotoServer().start();
  anna = photos.put("/team/anna.jpg", await drawPortrait(200, 260).jpeg().toBuffer());
  ben = photos.put("/team/ben.jpg", await drawPortrait(160, 160).negate().jpeg().toBuffer());
});
afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.close();
});
afterAll(() => photos.close());

/** Enhances photos in turn and returns their pictures. The fault concerns portraits whose name contains `match`. */
async function enhanced(face: WrongFace | undefined, urls: readonly string[], match = ""): Promise<readonly Buffer[]> {
  const faults =
    face === undefined ? [] : [{ match: { portrait: match }, fault: { kind: "wrong_face", face } as const }];
  const twin = await startTwin({ latencyMs: 0, faults });
  const client = new TestClient(twin);
  opened.push(client, twin);
  const pictures: Buffer[] = [];
  for (const [turn, url] of urls.entries()) {
    const { events } = await client.chat({ message: "Polish it.", session_id: `s${turn}`, image_urls: [url] });
    const made = events.find(({ type }) => type === "generation_response")?.url ?? "";
    pictures.push((await client.get(made)).bytes);
  }
  return pictures;
}

async function only(face: WrongFace | undefined, url = anna): Promise<Buffer> {
  const [picture = Buffer.alloc(0)] = await enhanced(face, [url]);
  return picture;
}

/** Mean levels of an area, given as shares of the sides. */
async function levels(picture: Buffer, area: { x: number; y: number; side?: number }): Promise<number> {
  const { width, height } = await sharp(picture).metadata();
  const side = Math.round((area.side ?? 0.06) * width);
  const left = Math.round(area.x * width - side / 2);
  const top = Math.round(area.y * height - side / 2);
  const { channels } = await sharp(
    await sharp(picture).extract({ left, top, width: side, height: side }).toBuffer(),
  ).stats();
  return channels.reduce((sum, { mean }) => sum + mean / channels.length, 0);
}

test("returns another portrait's person, in the size of the portrait", async () => {
  const [, result = Buffer.alloc(0)] = await enhanced("another_person", [ben, anna], "anna");
  const [annas, bens] = [await only(undefined), await only(undefined, ben)];
  expect(await sharp(result).metadata()).toMatchObject({ width: 200, height: 260 });
  const fitted = await sharp(bens).resize(200, 260).jpeg().toBuffer();
  expect(await meanDifference(result, fitted)).toBeLessThan(25);
  expect(await meanDifference(result, annas)).toBeGreaterThan(40);
});

test("returns the portrait itself while it has seen no other", async () => {
  expect(await meanDifference(await only("another_person"), await only(undefined))).toBe(0);
});

test("returns one file for all portraits, or one picture in different files", async () => {
  const [first, second] = await enhanced("same_for_all", [anna, ben]);
  expect(second).toEqual(first);
  const [one = Buffer.alloc(0), two = Buffer.alloc(0)] = await enhanced("same_reencoded", [anna, anna]);
  expect(two).not.toEqual(one);
  expect(await meanDifference(one, two)).toBeLessThan(2);
  const [, bens = Buffer.alloc(0)] = await enhanced("same_reencoded", [anna, ben]);
  expect(await sharp(bens).metadata()).toMatchObject({ width: 160, height: 160 });
});

test("narrows the face, lightens skin alone, adds a second face, and loses the face", async () => {
  const plain = await only(undefined);
  const [cheek, besideFace, corner] = [
    { x: 0.5, y: 0.5 },
    { x: 0.275, y: 0.42, side: 0.02 },
    { x: 0.05, y: 0.05 },
  ];
  // The face is 48 % of the width, so a tenth less ends before this place.
  const narrowed = await only("narrowed");
  expect(Math.abs((await levels(narrowed, besideFace)) - (await levels(plain, besideFace)))).toBeGreaterThan(10);
  expect(Math.abs((await levels(narrowed, cheek)) - (await levels(plain, cheek)))).toBeLessThan(3);

  const lightened = await only("lightened");
  expect((await levels(lightened, cheek)) - (await levels(plain, cheek))).toBeGreaterThan(20);
  expect(Math.abs((await levels(lightened, corner)) - (await levels(plain, corner)))).toBeLessThan(3);

  const eye = { x: 0.42, y: 0.38, side: 0.03 };
  const lost = await only("lost_face");
  expect((await levels(lost, eye)) - (await levels(plain, eye))).toBeGreaterThan(40);
  expect(Math.abs((await levels(lost, corner)) - (await levels(plain, corner)))).toBeLessThan(3);

  // The copy of the head is 40 % of the width and 43 % of the height, in the lower left corner.
  const second = { x: 0.2, y: 0.79 };
  const added = await only("second_face");
  expect(Math.abs((await levels(added, second)) - (await levels(plain, cheek)))).toBeLessThan(15);
  expect(Math.abs((await levels(added, second)) - (await levels(plain, second)))).toBeGreaterThan(25);
  expect(Math.abs((await levels(added, corner)) - (await levels(plain, corner)))).toBeLessThan(3);
});
