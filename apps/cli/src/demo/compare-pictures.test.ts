import { beforeAll, expect, it } from "vitest";
import sharp from "sharp";
import { comparePictures } from "./compare-pictures.ts";
import { readTeam } from "./team.ts";

let portrait: Buffer;
beforeAll(async () => {
  portrait = await sharp({ create: { width: 60, height: 90, channels: 3, background: "#806040" } })
    .jpeg()
    .toBuffer();
});

it("measures how much lighter a picture became", async () => {
  const lighter = await sharp(portrait).linear(1, 20).png().toBuffer();
  const { meanDifference, size, problems } = await comparePictures(portrait, lighter);
  expect(meanDifference).toBeCloseTo(20, 0);
  expect({ size, problems }).toEqual({ size: "60 × 90", problems: [] });
});

it("detects a picture that is unchanged, of another size, or rotated", async () => {
  expect((await comparePictures(portrait, portrait)).problems).toEqual(["it looks like its source"]);
  const small = await sharp(portrait).resize(30, 45).linear(1, 20).toBuffer();
  expect((await comparePictures(portrait, small)).problems).toEqual(["it is 30 × 45 and was 60 × 90"]);
  const held = await sharp(portrait).rotate(90).withMetadata({ orientation: 8 }).toBuffer();
  const unturned = await sharp(portrait).rotate(90).linear(1, 20).toBuffer();
  expect((await comparePictures(held, await sharp(portrait).linear(1, 20).toBuffer())).problems).toEqual([]);
  expect((await comparePictures(held, unturned)).problems).toEqual(["it is 90 × 60 and was 60 × 90"]);
});

it("reports a picture that cannot be decoded, even a truncated one", async () => {
  const cut = portrait.subarray(0, portrait.length - 40);
  for (const broken of [Buffer.from("no picture"), cut]) {
    expect((await comparePictures(portrait, broken)).problems[0]).toMatch(/cannot be decoded/);
  }
});

it("finds the example team, sorted by key", async () => {
  const keys = (await readTeam()).map(({ key }) => key);
  expect(keys.length).toBeGreaterThanOrEqual(12);
  expect(keys).toEqual([...keys].sort());
});
