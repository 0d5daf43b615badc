import { crc32 } from "node:zlib";
import sharp from "sharp";
import { expect, test } from "vitest";
import { convertPicture } from "./convert-picture.ts";
import { planPicture } from "./plan-picture.ts";
import { probePicture } from "./probe-picture.ts";

const ACCEPTS = { contentTypes: ["image/jpeg", "image/png"], maxBytes: 10_000_000, minSidePx: 8, maxSidePx: 4_096 };
/** A skin colour in Adobe RGB, in Display P3 and in sRGB (published matrices of the spaces). */
const ADOBE = { r: 200, g: 150, b: 130 };
const P3 = { r: 210, g: 150, b: 130 };

/** Builds a DCF Exif block for Adobe RGB: Exif IFD with an uncalibrated colour space, interoperability index R03. */
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

function chunkOf(type: string, data: Buffer): Buffer {
  const chunk = Buffer.concat([Buffer.alloc(4), Buffer.from(type), data, Buffer.alloc(4)]);
  chunk.writeUInt32BE(data.length);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), chunk.length - 4);
  return chunk;
}

/** gAMA and cHRM contain numbers multiplied by 100,000. */
function hundredThousandths(...values: readonly number[]): Buffer {
  const data = Buffer.alloc(values.length * 4);
  for (const [nth, value] of values.entries()) data.writeUInt32BE(Math.round(value * 100_000), nth * 4);
  return data;
}

async function pngWith(background: typeof P3, ...chunks: readonly Buffer[]): Promise<Buffer> {
  const png = await sharp({ create: { width: 64, height: 64, channels: 3, background } })
    .png()
    .toBuffer();
  return Buffer.concat([png.subarray(0, 33), ...chunks, png.subarray(33)]);
}

async function pngWithCicp(primaries: number, background: typeof P3): Promise<Buffer> {
  return await pngWith(background, chunkOf("cICP", Buffer.from([primaries, 13, 0, 1])));
}

const GAMMA = (gamma: number): Buffer => chunkOf("gAMA", hundredThousandths(gamma));
const SRGB_WHITE = [0.3127, 0.329] as const;
const SRGB_PRIMARIES = chunkOf("cHRM", hundredThousandths(...SRGB_WHITE, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06));
const P3_PRIMARIES = chunkOf("cHRM", hundredThousandths(...SRGB_WHITE, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06));
const ADOBE_PRIMARIES = chunkOf("cHRM", hundredThousandths(...SRGB_WHITE, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06));
/** A picture in linear light: 0.5, 0.2 and 0.1. */
const LINEAR = { r: 128, g: 51, b: 26 };

/** Returns the first pixel of the converted picture; undefined if the picture is sent unchanged. */
async function given(bytes: Buffer): Promise<readonly number[] | undefined> {
  const plan = planPicture(await probePicture(bytes, bytes.length), ACCEPTS);
  if (plan.kind === "as-is") return undefined;
  if (plan.kind !== "convert") throw new Error(plan.message);
  const converted = await convertPicture(bytes, plan, ACCEPTS);
  if (!converted.ok) throw new Error(converted.message);
  return [...(await sharp(converted.bytes).raw().toBuffer()).subarray(0, 3)];
}

/** Returns the largest difference of a channel. JPEG quantization changes a channel by up to 3. */
function distance(pixel: readonly number[] | undefined, wished: readonly number[]): number {
  return Math.max(...wished.map((value, nth) => Math.abs((pixel?.[nth] ?? Infinity) - value)));
}

test("converts a camera's JPEG in Adobe RGB although it has no profile", async () => {
  expect(distance(await given(await jpegWithExif(dcfExif("R03\0"), ADOBE)), [217, 151, 130])).toBeLessThanOrEqual(3);
});

test("sends a camera's JPEG in sRGB unchanged", async () => {
  expect(await given(await jpegWithExif(dcfExif("R98\0"), ADOBE))).toBeUndefined();
});

test("converts a PNG whose cICP is Display P3, but not sRGB", async () => {
  expect(distance(await given(await pngWithCicp(12, P3)), [221, 147, 126])).toBeLessThanOrEqual(3);
  expect(await given(await pngWithCicp(1, P3))).toBeUndefined();
});

test.each([
  ["in linear light", [GAMMA(1)], LINEAR, [188, 124, 90]],
  ["in Display P3 by its cHRM", [P3_PRIMARIES], P3, [221, 147, 126]],
  ["in Adobe RGB by its gAMA and cHRM", [GAMMA(0.45471), ADOBE_PRIMARIES], ADOBE, [217, 151, 130]],
])("converts a PNG %s", async (_, chunks, pixel, wished) => {
  expect(distance(await given(await pngWith(pixel, ...chunks)), wished)).toBeLessThanOrEqual(3);
});

test.each([
  ["the gAMA and cHRM of sRGB", [GAMMA(0.45455), SRGB_PRIMARIES]],
  ["an sRGB chunk, which counts for more than its gAMA", [chunkOf("sRGB", Buffer.of(0)), GAMMA(1)]],
  ["a gAMA of nothing", [GAMMA(0)]],
  ["a cHRM of nothing", [chunkOf("cHRM", Buffer.alloc(32))]],
  ["a cHRM of one colour", [chunkOf("cHRM", hundredThousandths(0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3))]],
  ["a cHRM that is cut", [chunkOf("cHRM", Buffer.alloc(9))]],
])("sends a PNG with %s unchanged", async (_, chunks) => {
  expect(await given(await pngWith(P3, ...chunks))).toBeUndefined();
});

test("reads a BigTIFF", async () => {
  const tiff = await sharp({ create: { width: 64, height: 64, channels: 3, background: P3 } })
    .tiff({ bigtiff: true })
    .toBuffer();
  expect(tiff.toString("latin1", 0, 4)).toBe("II+\0");
  expect(distance(await given(tiff), [P3.r, P3.g, P3.b])).toBeLessThanOrEqual(3);
});
