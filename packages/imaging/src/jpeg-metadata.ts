import { isManifestSegment, isXmpSegment, XMP_HEAD } from "./ai-mark-parts.ts";
import type { CarriedMetadata } from "./carried-metadata.ts";

const [SOI, SOS, EOI, COM] = [0xd8, 0xda, 0xd9, 0xfe];
const [APP0, APP1, APP2, APP14, APP15] = [0xe0, 0xe1, 0xe2, 0xee, 0xef];
const ICC_HEAD = "ICC_PROFILE\0";
/** A JFIF segment without a thumbnail. Its last two bytes are the thumbnail's width and height. */
const JFIF_BYTES = 18;
/** Maximum payload of a segment, after its length field. */
const SEGMENT_BYTES = 65_533;
const ICC_PART_BYTES = SEGMENT_BYTES - ICC_HEAD.length - 2;

/**
 * Removes everything from a JPEG except its pixels and colours, and inserts the carried metadata. Does not change the
 * pixels. Returns the same bytes if there is nothing to change.
 *
 * @throws RangeError for inconsistent segments
 */
export function jpegWith(bytes: Uint8Array, { exif, icc, xmp, keepsMarks = false }: CarriedMetadata): Uint8Array {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const { segments, at } = jpegSegments(file);
  const jfif: Buffer[] = [];
  const rest: Buffer[] = [];
  let dropped = 0;
  for (const segment of segments) {
    const marker = segment[1] ?? 0;
    const isMark = keepsMarks && (isManifestSegment(segment) || isXmpSegment(segment));
    if (!isMark && !isKept(marker, segment)) dropped += segment.length;
    else if (marker === APP0) {
      const plain = withoutThumbnail(segment);
      dropped += segment.length - plain.length;
      jfif.push(plain);
    } else rest.push(segment);
  }
  const end = endOfPicture(file, at);
  const isCarried = exif !== undefined || icc !== undefined || xmp !== undefined;
  if (dropped === 0 && end === file.length && !isCarried) return bytes;
  const carried = [
    ...(exif === undefined ? [] : [segmentOf(APP1, Buffer.concat([Buffer.from("Exif\0\0"), exif]))]),
    ...(xmp === undefined ? [] : [segmentOf(APP1, Buffer.concat([Buffer.from(XMP_HEAD, "latin1"), xmp]))]),
    ...(icc === undefined ? [] : iccSegments(icc)),
  ];
  return Buffer.concat([Buffer.from([0xff, SOI]), ...jfif, ...carried, ...rest, file.subarray(at, end)]);
}

/**
 * Returns the segments of a JPEG before its first scan, and where the scan begins.
 *
 * @throws RangeError for inconsistent segments
 */
export function jpegSegments(file: Buffer): { readonly segments: readonly Buffer[]; readonly at: number } {
  const segments: Buffer[] = [];
  let at = 2;
  while (file[at + 1] !== SOS) {
    if (file[at] !== 0xff) throw new RangeError("a JPEG's segment does not begin with 0xff");
    if (file[at + 1] === 0xff) {
      at += 1;
      continue;
    }
    const segment = file.subarray(at, at + 2 + file.readUInt16BE(at + 2));
    segments.push(segment);
    at += segment.length;
  }
  return { segments, at };
}

/** True if a segment is needed to decode the picture and show its colours. */
function isKept(marker: number, segment: Buffer): boolean {
  if (marker === COM) return false;
  if (marker < APP0 || marker > APP15) return true;
  const head = segment.toString("latin1", 4, 4 + ICC_HEAD.length);
  return (
    (marker === APP0 && head.startsWith("JFIF\0")) ||
    (marker === APP2 && head === ICC_HEAD) ||
    (marker === APP14 && head.startsWith("Adobe"))
  );
}

/** A JFIF header may contain a thumbnail (ITU-T T.871, 10.1), possibly of an earlier version of the picture. */
function withoutThumbnail(jfif: Buffer): Buffer {
  if (jfif.length <= JFIF_BYTES) return jfif;
  const head = Buffer.from(jfif.subarray(0, JFIF_BYTES));
  head.writeUInt16BE(JFIF_BYTES - 2, 2);
  head.writeUInt16BE(0, JFIF_BYTES - 2);
  return head;
}

/** Returns the end of the last scan. Any data after it is another picture with its own metadata. */
function endOfPicture(file: Buffer, firstScan: number): number {
  let at = firstScan;
  while (file[at + 1] !== EOI) {
    at += 2 + file.readUInt16BE(at + 2);
    for (;;) {
      at = file.indexOf(0xff, at);
      if (at === -1 || at + 1 >= file.length) return file.length;
      const next = file[at + 1] ?? 0;
      // A stuffed byte or a restart marker belongs to the scan, and a marker may be preceded by repeated 0xff.
      if (next === 0 || (next >= 0xd0 && next <= 0xd7)) at += 2;
      else if (next === 0xff) at += 1;
      else break;
    }
  }
  return at + 2;
}

function segmentOf(marker: number, body: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
}

/** Splits a profile into the required number of numbered segments (ICC.1, annex B.4). */
function iccSegments(icc: Buffer): readonly Buffer[] {
  const count = Math.ceil(icc.length / ICC_PART_BYTES);
  return Array.from({ length: count }, (_, place) => {
    const head = Buffer.concat([Buffer.from(ICC_HEAD, "latin1"), Buffer.from([place + 1, count])]);
    return segmentOf(APP2, Buffer.concat([head, icc.subarray(place * ICC_PART_BYTES, (place + 1) * ICC_PART_BYTES)]));
  });
}
