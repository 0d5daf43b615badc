import { crc32, deflateSync } from "node:zlib";
import { ADOBE_RGB, matrixProfile } from "./matrix-profile.ts";
import { pngColours } from "./png-colours.ts";

const EXIF_IFD = 0x8769;
const INTEROP_IFD = 0xa005;
const COLOUR_SPACE = 0xa001;
const INTEROP_INDEX = 1;
const UNCALIBRATED = 0xffff;
const PNG_HEADER_END = 33;

/**
 * Returns the colour profile of a picture that describes its colours without one: a camera's JPEG in Adobe RGB (DCF: an
 * uncalibrated colour space and the interoperability index R03), or a PNG by its chunks. Undefined for all others.
 *
 * @param exif as returned by sharp
 */
export function toldProfile(contentType: string, bytes: Uint8Array, exif: Buffer | undefined): Buffer | undefined {
  if (contentType === "image/jpeg")
    return exif !== undefined && isAdobeRgb(exif) ? matrixProfile(ADOBE_RGB) : undefined;
  const colours = contentType === "image/png" ? pngColours(bytes) : undefined;
  return colours === undefined ? undefined : matrixProfile(colours);
}

/** Adds this profile to a JPEG or PNG, so that its reader sees the right colours. */
export function withProfile(contentType: string, bytes: Uint8Array, icc: Buffer): Buffer {
  if (contentType === "image/jpeg") {
    const head = Buffer.from("\xff\xe2\0\0ICC_PROFILE\0\x01\x01", "latin1");
    head.writeUInt16BE(head.length - 2 + icc.length, 2);
    return Buffer.concat([bytes.subarray(0, 2), head, icc, bytes.subarray(2)]);
  }
  const data = Buffer.concat([Buffer.from("iCCPicc\0\0", "latin1"), deflateSync(icc)]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length - 4);
  check.writeUInt32BE(crc32(data));
  return Buffer.concat([bytes.subarray(0, PNG_HEADER_END), length, data, check, bytes.subarray(PNG_HEADER_END)]);
}

function isAdobeRgb(exif: Buffer): boolean {
  const start = exif.indexOf("Exif\0\0") === 0 ? 6 : 0;
  const tiff = exif.subarray(start);
  if (tiff.length < 8) return false;
  const isLittle = tiff[0] === 0x49;
  const short = (at: number): number => (isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const long = (at: number): number => (isLittle ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
  /** Returns the position of a tag's value in a directory; undefined if the tag is absent. */
  const valueOf = (directory: number, tag: number): number | undefined => {
    const count = short(directory);
    for (let nth = 0; nth < count; nth += 1) {
      const entry = directory + 2 + nth * 12;
      if (short(entry) === tag) return entry + 8;
    }
    return undefined;
  };
  try {
    const pointer = valueOf(long(4), EXIF_IFD);
    if (pointer === undefined) return false;
    const space = valueOf(long(pointer), COLOUR_SPACE);
    const interop = valueOf(long(pointer), INTEROP_IFD);
    if (space === undefined || interop === undefined || short(space) !== UNCALIBRATED) return false;
    const index = valueOf(long(interop), INTEROP_INDEX);
    return index !== undefined && tiff.toString("latin1", index, index + 3) === "R03";
  } catch (error) {
    // Ignores a directory that points beyond the end of the block.
    if (error instanceof RangeError) return false;
    throw error;
  }
}
