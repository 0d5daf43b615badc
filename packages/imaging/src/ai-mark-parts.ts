/* The places in a file that describe its origin: a C2PA manifest, and an XMP packet. */

const APP1 = 0xe1;
const APP11 = 0xeb;
export const XMP_HEAD = "http://ns.adobe.com/xap/1.0/\0";
export const XMP_KEYWORD = "XML:com.adobe.xmp\0";

/** True for a segment of a JUMBF box, which contains a C2PA manifest (ISO 19566-5, annex D). */
export function isManifestSegment(segment: Buffer): boolean {
  return (
    segment[1] === APP11 && segment.toString("latin1", 4, 6) === "JP" && segment.toString("latin1", 16, 20) === "jumb"
  );
}

/** True for a segment that contains an XMP packet (XMP specification, part 3, 1.1.3). */
export function isXmpSegment(segment: Buffer): boolean {
  return segment[1] === APP1 && segment.toString("latin1", 4, 4 + XMP_HEAD.length) === XMP_HEAD;
}

/** True for a PNG's chunk that contains a C2PA manifest or an XMP packet. */
export function isMarkChunk(type: string, data: Buffer): boolean {
  return type === "caBX" || (type === "iTXt" && data.toString("latin1", 0, XMP_KEYWORD.length) === XMP_KEYWORD);
}
