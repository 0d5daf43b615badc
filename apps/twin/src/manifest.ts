import { crc32 } from "node:zlib";
import type { PictureOutput } from "./picture-output.ts";

/** A C2PA manifest store (C2PA specification 2.1): a JUMBF superbox with a description and unsigned content. */
const MANIFEST = box(
  "jumb",
  box("jumd", Buffer.from("6332706100110010800000aa00389b71", "hex"), Buffer.from("\u0003c2pa\0", "latin1")),
  box("json", Buffer.from('{"claim_generator":"Darkroom\'s simulator"}')),
);

/** Places of the first part after the beginning: after a JPEG's start mark, and after a PNG's signature and header. */
const AFTER_JPEG_START = 2;
const AFTER_PNG_HEADER = 33;

/** Returns the picture with a C2PA manifest embedded. */
export function withManifest(picture: PictureOutput): PictureOutput {
  const { bytes } = picture;
  const isPng = picture.contentType === "image/png";
  const at = isPng ? AFTER_PNG_HEADER : AFTER_JPEG_START;
  const part = isPng ? pngChunk() : jpegSegment();
  return { ...picture, bytes: Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at)]) };
}

function box(type: string, ...content: readonly Buffer[]): Buffer {
  const data = Buffer.concat([Buffer.from(type, "latin1"), ...content]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(4 + data.length);
  return Buffer.concat([size, data]);
}

/** The manifest in one APP11 segment: its size, then JPEG XT's identifier, box number and segment number. */
function jpegSegment(): Buffer {
  const size = Buffer.alloc(2);
  size.writeUInt16BE(2 + 8 + MANIFEST.length);
  return Buffer.concat([Buffer.from([0xff, 0xeb]), size, Buffer.from("JP\0\u0001\0\0\0\u0001", "latin1"), MANIFEST]);
}

function pngChunk(): Buffer {
  const typed = Buffer.concat([Buffer.from("caBX"), MANIFEST]);
  const [size, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  size.writeUInt32BE(MANIFEST.length);
  sum.writeUInt32BE(crc32(typed));
  return Buffer.concat([size, typed, sum]);
}
