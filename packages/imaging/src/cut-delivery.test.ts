import { readFile } from "node:fs/promises";
import sharp from "sharp";
import { expect, test } from "vitest";
import { DELIVERIES, DELIVERY_NAMES } from "@darkroom/core";
import { cutDelivery } from "./index.ts";
import { CAMERA_EXIF, portrait } from "./test-portrait.ts";

const team = await readFile(new URL("../../../examples/team/engineering/portrait-03.jpg", import.meta.url));
const large = await sharp(team).resize(2_000).withExif(CAMERA_EXIF).withIccProfile("p3").jpeg().toBuffer();

test.each(DELIVERY_NAMES)(
  "%s has the size of its contract, in sRGB, with the rights and nothing else",
  async (name) => {
    const { bytes, warnings, contentType } = await cutDelivery(large, { name });
    const { width, height, format, icc, exif } = await sharp(bytes).metadata();
    expect({ width, height, format }).toEqual({
      width: DELIVERIES[name].width,
      height: DELIVERIES[name].height,
      format: "jpeg",
    });
    expect([contentType, warnings]).toEqual(["image/jpeg", []]);
    expect(icc?.toString("latin1")).toContain("s\0R\0G\0B");
    expect(exif?.includes("Ada Lens, all rights")).toBe(true);
    for (const dropped of ["Nikon", "2026:03:04", "third floor"])
      expect(Buffer.from(bytes).includes(dropped)).toBe(false);
  },
);

test.each(["png", "webp"] as const)("a cut is a %s where that is wished", async (format) => {
  const { bytes, contentType } = await cutDelivery(large, { name: "resume", format });
  expect((await sharp(bytes).metadata()).format).toBe(format);
  expect(contentType).toBe(`image/${format}`);
});

test("a result that is too small is enlarged a little and no more, and both are told", async () => {
  const little = await cutDelivery(await sharp(portrait).resize(600).jpeg().toBuffer(), { name: "linkedin" });
  expect(little).toMatchObject({ width: 800, height: 800 });
  expect(little.warnings).toEqual(["linkedin was cut from 600 × 600 px, less than its 800 × 800 px: it was enlarged"]);
  const tiny = await cutDelivery(await sharp(portrait).resize(200).jpeg().toBuffer(), { name: "linkedin" });
  expect(tiny).toMatchObject({ width: 300, height: 300 });
  expect(tiny.warnings).toEqual([expect.stringContaining("it has 300 × 300 px")]);
});

test("a square cut of a tall picture is around the face, with room above the head", async () => {
  // The portrait at different heights of a tall grey picture: the cut follows it.
  for (const top of [0, 300, 560]) {
    const tall = await sharp({ create: { width: 512, height: 1_072, channels: 3, background: "#8d8d8d" } })
      .composite([{ input: portrait, top, left: 0 }])
      .jpeg()
      .toBuffer();
    const { bytes } = await cutDelivery(tall, { name: "team-page" });
    // Eileen Collins' face is skin-coloured, at about 0.44 × 0.22 of her picture.
    const face = await skinCentre(bytes);
    expect(face, `portrait at ${top}`).toBeGreaterThan(0.12);
    expect(face, `portrait at ${top}`).toBeLessThan(0.6);
  }
});

/** How far down a picture's skin-coloured pixels lie, as a share of its height. */
async function skinCentre(bytes: Uint8Array): Promise<number> {
  const { data, info } = await sharp(bytes).resize(100, 100).raw().toBuffer({ resolveWithObject: true });
  let [sum, count] = [0, 0];
  for (let pixel = 0; pixel < info.width * info.height; pixel += 1) {
    const [red = 0, green = 0, blue = 0] = data.subarray(pixel * 3, pixel * 3 + 3);
    if (!(red > 120 && red - green > 25 && red - green < 90 && green > blue && red - blue > 40 && blue > 60)) continue;
    sum += Math.floor(pixel / info.width);
    count += 1;
  }
  if (count < 50) throw new Error("no face in the cut");
  return sum / count / info.height;
}
