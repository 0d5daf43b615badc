import { crc32, deflateSync } from "node:zlib";
import type { CarriedMetadata } from "./carried-metadata.ts";

const SIGNATURE_BYTES = 8;
/** Chunks needed to decode the picture and show its colours (PNG, third edition), including animation. */
const KEPT = new Set(
  "IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP mDCV cLLI sBIT bKGD hIST sPLT pHYs acTL fcTL fdAT".split(" "),
);
/** Chunks that describe colours without a profile. */
const OTHER_COLOURS = new Set(["gAMA", "cHRM", "sRGB"]);

/**
 * Removes everything from a PNG except its pixels and colours, and inserts the carried metadata. Returns the same bytes
 * if there is nothing to change.
 *
 * @throws RangeError for inconsistent chunks
 */
export function pngWith(bytes: Uint8Array, { exif, icc }: CarriedMetadata): Uint8Array {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const chunks: Buffer[] = [];
  let kept = SIGNATURE_BYTES;
  for (let at = SIGNATURE_BYTES; ;) {
    const type = file.toString("latin1", at + 4, at + 8);
    const chunk = file.subarray(at, at + 12 + file.readUInt32BE(at));
    at += chunk.length;
    if (KEPT.has(type) && (icc === undefined || !OTHER_COLOURS.has(type))) {
      chunks.push(chunk);
      kept += chunk.length;
    }
    if (type === "IEND") break;
  }
  if (kept === file.length && exif === undefined && icc === undefined) return bytes;
  const [header, ...rest] = chunks;
  return Buffer.concat([
    file.subarray(0, SIGNATURE_BYTES),
    ...(header === undefined ? [] : [header]),
    ...(icc === undefined ? [] : [chunkOf("iCCP", Buffer.concat([Buffer.from("icc\0\0"), deflateSync(icc)]))]),
    ...(exif === undefined ? [] : [chunkOf("eXIf", exif)]),
    ...rest,
  ]);
}

function chunkOf(type: string, data: Buffer): Buffer {
  const chunk = Buffer.concat([Buffer.alloc(4), Buffer.from(type, "latin1"), data, Buffer.alloc(4)]);
  chunk.writeUInt32BE(data.length, 0);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), chunk.length - 4);
  return chunk;
}
