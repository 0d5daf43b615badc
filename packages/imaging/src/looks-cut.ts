import { sniffContent } from "./sniff-content.ts";

/** Number of last bytes that {@link looksCut} needs. */
export const LAST_BYTES = 1_024;

/** The end mark of a JPEG. Within its data, 0xff is always followed by 0 or another marker. */
export const JPEG_END = Buffer.from([0xff, 0xd9]);

/** Maximum number of top-level ISO base media boxes that are checked. */
const MOST_BOXES = 100;

/**
 * True if a file seems to be cut off before the end of its picture, by its first and last bytes. A picture that looks
 * cut may be complete (for example a JPEG with a camera's long trailer). A picture that does not look cut is complete.
 *
 * @param lastBytes the file's last {@link LAST_BYTES}, or all of a shorter file
 */
export function looksCut(
  contentType: string,
  firstBytes: Uint8Array,
  lastBytes: Uint8Array,
  sizeBytes: number,
): boolean {
  const first = Buffer.from(firstBytes.buffer, firstBytes.byteOffset, firstBytes.byteLength);
  switch (contentType) {
    case "image/jpeg":
      return !Buffer.from(lastBytes).includes(JPEG_END);
    case "image/png":
      return !Buffer.from(lastBytes).includes("IEND");
    case "image/webp":
      return first.length >= 8 && first.readUInt32LE(4) + 8 > sizeBytes;
    case "image/heic":
    case "image/avif":
      return boxesEnd(first) > sizeBytes;
    default:
      return false;
  }
}

/** True if a file contains a complete picture by its format's own marks. Does not decode the picture. */
export function isWholePicture(bytes: Uint8Array): boolean {
  const content = sniffContent(bytes);
  if (content.kind !== "picture") return false;
  return !looksCut(content.contentType, bytes, bytes.subarray(-LAST_BYTES), bytes.length);
}

/** Returns the end of the last box whose header is within these bytes. */
function boxesEnd(first: Buffer): number {
  let at = 0;
  for (let nth = 0; nth < MOST_BOXES && at + 16 <= first.length; nth += 1) {
    const size = first.readUInt32BE(at);
    // 1 means that the size follows in 64 bits. 0 means that the box extends to the end of the file.
    const length = size === 1 ? Number(first.readBigUInt64BE(at + 8)) : size;
    if (length < 8) return at;
    at += length;
  }
  return at;
}
