import { webpHeader } from "./webp-header.ts";
import type { CarriedMetadata } from "./carried-metadata.ts";

const RIFF_HEAD_BYTES = 12;
/** The flags of a `VP8X` chunk (RFC 9649, 2.7). */
const FLAGS = { icc: 0x20, alpha: 0x10, exif: 0x08, xmp: 0x04 } as const;
/** Chunks of the picture itself, including animation. */
const KEPT = new Set(["VP8X", "VP8 ", "VP8L", "ICCP", "ALPH", "ANIM", "ANMF"]);
/** Chunks of a C2PA manifest and of XMP. */
const MARKS = new Set(["C2PA", "XMP "]);

/**
 * Removes everything from a WebP except its pixels and colours, and inserts the carried metadata. Does not change the
 * pixels. Returns the same bytes if there is nothing to change.
 *
 * @throws RangeError for inconsistent chunks
 */
export function webpWith(bytes: Uint8Array, { exif, icc, xmp, keepsMarks = false }: CarriedMetadata): Uint8Array {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const chunks = webpChunks(file).filter(({ type }) => KEPT.has(type) || (keepsMarks && MARKS.has(type)));
  const kept = chunks.reduce((sum, { chunk }) => sum + chunk.length, RIFF_HEAD_BYTES);
  const isCarried = exif !== undefined || icc !== undefined || xmp !== undefined;
  if (kept === file.length && !isCarried) return bytes;
  const [first, ...rest] = chunks;
  const header = first?.type === "VP8X" ? Buffer.from(first.chunk) : extendedHeader(file);
  const pictures = first?.type === "VP8X" ? rest : chunks;
  const flags = (header[8] ?? 0) & ~(FLAGS.exif | FLAGS.xmp);
  header[8] =
    flags |
    (exif === undefined ? 0 : FLAGS.exif) |
    (icc === undefined ? 0 : FLAGS.icc) |
    (xmp === undefined ? 0 : FLAGS.xmp);
  const body = [
    header,
    ...(icc === undefined ? [] : [chunkOf("ICCP", icc)]),
    ...pictures.map(({ chunk }) => chunk),
    ...(exif === undefined ? [] : [chunkOf("EXIF", exif)]),
    ...(xmp === undefined ? [] : [chunkOf("XMP ", xmp)]),
  ];
  const riff = Buffer.from("RIFF\0\0\0\0WEBP", "latin1");
  riff.writeUInt32LE(4 + body.reduce((sum, { length }) => sum + length, 0), 4);
  return Buffer.concat([riff, ...body]);
}

/** A chunk of a WebP. */
interface WebpChunk {
  readonly type: string;
  readonly data: Buffer;
  /** All of it. */
  readonly chunk: Buffer;
}

/**
 * Returns the chunks of a WebP.
 *
 * @throws RangeError for inconsistent chunks
 */
export function webpChunks(file: Buffer): readonly WebpChunk[] {
  const end = Math.min(file.length, 8 + file.readUInt32LE(4));
  const chunks: WebpChunk[] = [];
  for (let at = RIFF_HEAD_BYTES; at + 8 <= end;) {
    const type = file.toString("latin1", at, at + 4);
    const sizeBytes = file.readUInt32LE(at + 4);
    const chunk = file.subarray(at, at + 8 + sizeBytes + (sizeBytes % 2));
    chunks.push({ type, data: chunk.subarray(8, 8 + sizeBytes), chunk });
    at += chunk.length;
  }
  return chunks;
}

/** Creates the `VP8X` chunk, which a simple file omits. */
function extendedHeader(file: Buffer): Buffer {
  const size = webpHeader(file);
  if (size === undefined) throw new RangeError("a WebP's first chunk does not contain its size");
  const data = Buffer.alloc(10);
  const isLossless = file.toString("latin1", 12, 16) === "VP8L";
  // Bit 28 after the signature of a lossless picture marks transparency (RFC 9649, 3.4).
  data[0] = isLossless && (file.readUInt32LE(21) & 0x1000_0000) !== 0 ? FLAGS.alpha : 0;
  data.writeUIntLE(size.width - 1, 4, 3);
  data.writeUIntLE(size.height - 1, 7, 3);
  return chunkOf("VP8X", data);
}

function chunkOf(type: string, data: Buffer): Buffer {
  const head = Buffer.from(`${type}\0\0\0\0`, "latin1");
  head.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
}
