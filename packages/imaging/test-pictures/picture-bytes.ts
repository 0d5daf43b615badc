import { readFile } from "node:fs/promises";
import { crc32, deflateSync } from "node:zlib";
import sharp, { type Sharp } from "sharp";

const PHOTOS = new URL("../../../examples/photos/", import.meta.url);

export const WIDTH = 300;
export const HEIGHT = 400;

let kept: Promise<Buffer> | undefined;

/** Eileen Collins (NASA, public domain), 300 × 400. */
export async function portrait(): Promise<Sharp> {
  kept ??= sharp(await readFile(new URL("astronaut.png", PHOTOS)))
    .extract({ left: 74, top: 0, width: 384, height: 512 })
    .resize(WIDTH, HEIGHT)
    .png()
    .toBuffer();
  return sharp(await kept);
}

/** The same person as a phone's HEIC, 512 × 512. */
export async function heic(): Promise<Buffer> {
  return await readFile(new URL("astronaut-512.heic", PHOTOS));
}

/** The portrait with transparent corners. */
export async function oval(): Promise<Sharp> {
  const mask = `<svg width="${WIDTH}" height="${HEIGHT}"><ellipse cx="150" cy="200" rx="150" ry="200" fill="#fff"/></svg>`;
  const cut = await (
    await portrait()
  )
    .ensureAlpha()
    .composite([{ input: Buffer.from(mask), blend: "dest-in" }])
    .png()
    .toBuffer();
  return sharp(cut);
}

/** Returns two frames, the portrait and its mirror image, one above the other, which is sharp's layout. */
export async function twoFrames(): Promise<Sharp> {
  const frames = [await portrait(), (await portrait()).flop()];
  const pixels = await Promise.all(frames.map(async (frame) => await frame.removeAlpha().raw().toBuffer()));
  return sharp(Buffer.concat(pixels), { raw: { width: WIDTH, height: HEIGHT * 2, channels: 3, pageHeight: HEIGHT } });
}

/** Noise, which no format compresses. */
export function noise(width: number, height: number): Sharp {
  return sharp({
    create: { width, height, channels: 3, background: "#888", noise: { type: "gaussian", mean: 128, sigma: 60 } },
  });
}

export function plain(width: number, height: number): Sharp {
  return sharp({ create: { width, height, channels: 3, background: "#a08060" } });
}

/** Returns the first share of a file, as left by an interrupted copy. */
export function firstPart(file: Buffer, share: number): Buffer {
  return file.subarray(0, Math.floor(file.length * share));
}

/** Returns a JPEG with this many bytes of application segments before its picture. */
export function withLongHeader(jpeg: Buffer, bytes: number): Buffer {
  const segment = Buffer.concat([Buffer.from([0xff, 0xe9, 0xff, 0xfe]), Buffer.alloc(65_532, 7)]);
  const segments = Array.from({ length: Math.ceil(bytes / segment.length) }, () => segment);
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);
}

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type), data]);
  const framed = Buffer.alloc(typed.length + 8);
  framed.writeUInt32BE(data.length);
  framed.set(typed, 4);
  framed.writeUInt32BE(crc32(typed), typed.length + 4);
  return framed;
}

/** Returns a PNG of any number of black pixels in a few kilobytes. */
export function pngBomb(side: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side);
  header.writeUInt32BE(side, 4);
  header[8] = 1;
  const pixels = deflateSync(Buffer.alloc((1 + Math.ceil(side / 8)) * side));
  const start = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
  return Buffer.concat([start, chunk("IHDR", header), chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))]);
}

/** Returns a GIF of a few bytes that claims this size. */
export function gifBomb(width: number, height: number): Buffer {
  const file = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");
  // Size of the canvas, and of the only frame.
  for (const at of [6, file.indexOf(0x2c) + 5]) {
    file.writeUInt16LE(width, at);
    file.writeUInt16LE(height, at + 2);
  }
  return file;
}

/** Returns the start of a camera's DNG: a TIFF whose first picture is a thumbnail. */
export function dng(): Buffer {
  const file = Buffer.alloc(200_000);
  file.write("II*\0", "latin1");
  file.writeUInt32LE(8, 4);
  file.writeUInt16LE(1, 8);
  file.writeUInt16LE(254, 10);
  file.writeUInt16LE(4, 12);
  file.writeUInt32LE(1, 14);
  file.writeUInt32LE(1, 18);
  return file;
}

/** An uncompressed BMP. */
export function bmp(width: number, height: number): Buffer {
  const file = Buffer.alloc(54 + width * height * 4, 0x7f);
  file.fill(0, 0, 54);
  file.write("BM");
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(54, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(width, 18);
  file.writeInt32LE(height, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(32, 28);
  return file;
}

/** Reads a file in this folder. */
export async function sample(name: "astronaut-12mp.heic" | "astronaut-p3.heic"): Promise<Buffer> {
  return await readFile(new URL(name, import.meta.url));
}

/** Levels of camera grain, about ±20. */
const GRAIN = Int8Array.from({ length: 65_521 }, () => Math.round((Math.random() + Math.random() - 1) * 20));

/** A portrait of 4032 × 3024 px with camera grain. */
export async function twelveMegapixels(): Promise<Sharp> {
  const { data, info } = await sharp(await readFile(new URL("astronaut.png", PHOTOS)))
    .resize(4_032, 3_024)
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  for (let at = 0; at < data.length; at += 1) {
    data[at] = Math.min(255, Math.max(0, (data[at] ?? 0) + (GRAIN[at % GRAIN.length] ?? 0)));
  }
  return sharp(data, { raw: info });
}
