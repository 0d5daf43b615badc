import { crc32 } from "node:zlib";
import sharp from "sharp";
import { expect, test } from "vitest";
import { convertPicture } from "./convert-picture.ts";
import { planPicture } from "./plan-picture.ts";
import { probePicture } from "./probe-picture.ts";

const ACCEPTS = { contentTypes: ["image/jpeg", "image/png"], maxBytes: 10_000_000, minSidePx: 8, maxSidePx: 4_096 };
/** Skin, as it is in Adobe RGB, in Display P3 and in sRGB (the spaces' published matrices). */
const ADOBE = { r: 200, g: 150, b: 130 };
const P3 = { r: 210, g: 150, b: 130 };

/** A DCF Exif block of Adobe RGB: Exif IFD with an uncalibrated colour space, interoperability index R03. */
function dcfExif(index: string): Buffer {
  const tiff = Buffer.alloc(74);
  tiff.write("II*\0\x08\0\0\0", 0, "latin1");
  const entry = (at: number, tag: number, type: number, count: number, value: number): void => {
    tiff.writeUInt16LE(tag, at);
    tiff.writeUInt16LE(type, at + 2);
    tiff.writeUInt32LE(count, at + 4);
    tiff.writeUInt32LE(value, at + 8);
  };
  tiff.writeUInt16LE(1, 8);
  entry(10, 0x8769, 4, 1, 26);
  tiff.writeUInt16LE(2, 26);
  entry(28, 0xa001, 3, 1, 0xffff);
  entry(40, 0xa005, 4, 1, 56);
  tiff.writeUInt16LE(1, 56);
  entry(58, 1, 2, 4, 0);
  tiff.write(index, 66, "latin1");
  return Buffer.concat([Buffer.from("Exif\0\0", "latin1"), tiff]);
}

async function jpegWithExif(exif: Buffer, background: typeof ADOBE): Promise<Buffer> {
  const jpeg = await sharp({ create: { width: 64, height: 64, channels: 3, background } })
    .jpeg({ quality: 100 })
    .toBuffer();
  const head = Buffer.from([0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(exif.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, exif, jpeg.subarray(2)]);
}

async function pngWithCicp(primaries: number, background: typeof P3): Promise<Buffer> {
  const png = await sharp({ create: { width: 64, height: 64, channels: 3, background } })
    .png()
    .toBuffer();
  const chunk = Buffer.from([0, 0, 0, 4, ...Buffer.from("cICP"), primaries, 13, 0, 1, 0, 0, 0, 0]);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), chunk.length - 4);
  return Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)]);
}

/** The first pixel of what a provider is given; undefined where that is the picture itself. */
async function given(bytes: Buffer): Promise<readonly number[] | undefined> {
  const plan = planPicture(await probePicture(bytes, bytes.length), ACCEPTS);
  if (plan.kind === "as-is") return undefined;
  if (plan.kind !== "convert") throw new Error(plan.message);
  const converted = await convertPicture(bytes, plan, ACCEPTS);
  if (!converted.ok) throw new Error(converted.message);
  return [...(await sharp(converted.bytes).raw().toBuffer()).subarray(0, 3)];
}

/** The largest difference of a channel: a JPEG's quantisation changes it by up to 3. */
function distance(pixel: readonly number[] | undefined, wished: readonly number[]): number {
  return Math.max(...wished.map((value, nth) => Math.abs((pixel?.[nth] ?? Infinity) - value)));
}

test("a camera's JPEG in Adobe RGB is converted, though it has no profile", async () => {
  expect(distance(await given(await jpegWithExif(dcfExif("R03\0"), ADOBE)), [217, 151, 130])).toBeLessThanOrEqual(3);
});

test("a camera's JPEG in sRGB goes as it is", async () => {
  expect(await given(await jpegWithExif(dcfExif("R98\0"), ADOBE))).toBeUndefined();
});

test("a PNG whose cICP says Display P3 is converted, one that says sRGB is not", async () => {
  expect(distance(await given(await pngWithCicp(12, P3)), [221, 147, 126])).toBeLessThanOrEqual(3);
  expect(await given(await pngWithCicp(1, P3))).toBeUndefined();
});

test("a BigTIFF is read", async () => {
  const tiff = await sharp({ create: { width: 64, height: 64, channels: 3, background: P3 } })
    .tiff({ bigtiff: true })
    .toBuffer();
  expect(tiff.toString("latin1", 0, 4)).toBe("II+\0");
  expect(distance(await given(tiff), [P3.r, P3.g, P3.b])).toBeLessThanOrEqual(3);
});
