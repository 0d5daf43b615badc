import { crc32, deflateSync } from "node:zlib";
import { isMarkChunk, XMP_KEYWORD } from "./ai-mark-parts.ts";
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
export function pngWith(bytes: Uint8Array, { exif, icc, xmp, keepsMarks = false }: CarriedMetadata): Uint8Array {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const chunks: Buffer[] = [];
  let kept = SIGNATURE_BYTES;
  for (const { type, data, chunk } of pngChunks(file)) {
    const isMark = keepsMarks && isMarkChunk(type, data);
    if (isMark || (KEPT.has(type) && (icc === undefined || !OTHER_COLOURS.has(type)))) {
      chunks.push(chunk);
      kept += chunk.length;
    }
  }
  const isCarried = exif !== undefined || icc !== undefined || xmp !== undefined;
  if (kept === file.length && !isCarried) return bytes;
  const [header, ...rest] = chunks;
  return Buffer.concat([
    file.subarray(0, SIGNATURE_BYTES),
    ...(header === undefined ? [] : [header]),
    ...(icc === undefined ? [] : [chunkOf("iCCP", Buffer.concat([Buffer.from("icc\0\0"), deflateSync(icc)]))]),
    ...(exif === undefined ? [] : [chunkOf("eXIf", exif)]),
    // Not compressed, in no language and without a translated keyword.
    ...(xmp === undefined ? [] : [chunkOf("iTXt", Buffer.concat([Buffer.from(`${XMP_KEYWORD}\0\0\0\0`), xmp]))]),
    ...rest,
  ]);
}

/** A chunk of a PNG. */
interface PngChunk {
  readonly type: string;
  readonly data: Buffer;
  /** All of it. */
  readonly chunk: Buffer;
}

/**
 * Returns the chunks of a PNG up to its end.
 *
 * @throws RangeError for inconsistent chunks
 */
export function pngChunks(file: Buffer): readonly PngChunk[] {
  const chunks: PngChunk[] = [];
  for (let at = SIGNATURE_BYTES; ;) {
    const type = file.toString("latin1", at + 4, at + 8);
    const chunk = file.subarray(at, at + 12 + file.readUInt32BE(at));
    chunks.push({ type, data: chunk.subarray(8, -4), chunk });
    at += chunk.length;
    if (type === "IEND") return chunks;
  }
}

function chunkOf(type: string, data: Buffer): Buffer {
  const chunk = Buffer.concat([Buffer.alloc(4), Buffer.from(type, "latin1"), data, Buffer.alloc(4)]);
  chunk.writeUInt32BE(data.length, 0);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), chunk.length - 4);
  return chunk;
}
