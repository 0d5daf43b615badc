import { readFile } from "node:fs/promises";
import sharp from "sharp";
import { expect, test } from "vitest";
import { DELIVERIES, DELIVERY_NAMES } from "@darkroom/core";
import { cutRegion } from "./cut-region.ts";
import { cutDelivery } from "./index.ts";
import { CAMERA_EXIF, portrait } from "./test-portrait.ts";

const team = await readFile(new URL("../../../examples/team/engineering/portrait-03.jpg", import.meta.url));
const large = await sharp(team).resize(2_000).withExif(CAMERA_EXIF).withIccProfile("p3").jpeg().toBuffer();

test.each(DELIVERY_NAMES)("%s has the ordered size, in sRGB, with only the copyright in its metadata", async (name) => {
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
});

test.each(["png", "webp"] as const)("a cut is written as %s on request", async (format) => {
  const { bytes, contentType } = await cutDelivery(large, { name: "resume", format });
  expect((await sharp(bytes).metadata()).format).toBe(format);
  expect(contentType).toBe(`image/${format}`);
});

test("enlarges a small result by a limited factor, and reports it", async () => {
  const little = await cutDelivery(await sharp(portrait).resize(600).jpeg().toBuffer(), { name: "linkedin" });
  expect(little).toMatchObject({ width: 800, height: 800 });
  expect(little.warnings).toEqual(["linkedin was cut from 600 × 600 px, less than its 800 × 800 px: it was enlarged"]);
  const tiny = await cutDelivery(await sharp(portrait).resize(200).jpeg().toBuffer(), { name: "linkedin" });
  expect(tiny).toMatchObject({ width: 300, height: 300 });
  expect(tiny.warnings).toEqual([expect.stringContaining("it has 300 × 300 px")]);
});

/** Head of each example, from the top of hair or hat to the chin, as shares of the sides. Measured by eye. */
const HEADS = [
  ["photos/astronaut.png", { left: 0.3, right: 0.53, top: 0.03, chin: 0.36 }],
  ["photos/grace_hopper.jpg", { left: 0.3, right: 0.73, top: 0.04, chin: 0.6 }],
  ["team/design/portrait-01.jpg", { left: 0.34, right: 0.68, top: 0.05, chin: 0.5 }],
  ["team/design/portrait-02.jpg", { left: 0.2, right: 0.8, top: 0.12, chin: 0.85 }],
  ["team/engineering/portrait-02.jpg", { left: 0.3, right: 0.72, top: 0.05, chin: 0.55 }],
  ["team/sales/portrait-04.jpg", { left: 0.22, right: 0.52, top: 0.05, chin: 0.4 }],
] as const;

test.each(HEADS)("keeps the head of %s whole in a square cut and in one of 3:4", async (file, head) => {
  const bytes = await sharp(await readFile(new URL(`../../../examples/${file}`, import.meta.url)))
    .autoOrient()
    .toBuffer({ resolveWithObject: true });
  const { width, height } = bytes.info;
  for (const ratio of [1, 3 / 4]) {
    const region = await cutRegion(bytes.data, { width, height }, ratio);
    expect(region.left / width).toBeLessThanOrEqual(head.left);
    expect((region.left + region.width) / width).toBeGreaterThanOrEqual(head.right);
    expect(region.top / height).toBeLessThanOrEqual(head.top);
    expect((region.top + region.height) / height).toBeGreaterThanOrEqual(head.chin);
  }
});

test("keeps most of the top and the salient side when there is no skin", async () => {
  const camera = await readFile(new URL("../../../examples/photos/camera.png", import.meta.url));
  const region = await cutRegion(camera, { width: 512, height: 512 }, 3 / 4);
  // The photographer stands to the left of the middle.
  expect(region).toMatchObject({ top: 0, width: 384, height: 512 });
  expect(region.left).toBeLessThan(64);
  const tall = await sharp(camera).resize(512, 1_024, { fit: "cover" }).png().toBuffer();
  expect((await cutRegion(tall, { width: 512, height: 1_024 }, 1)).top).toBe(Math.round(512 * 0.2));
});
