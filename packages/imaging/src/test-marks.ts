import { crc32 } from "node:zlib";
import { XMP_HEAD, XMP_KEYWORD } from "./ai-mark-parts.ts";
import type { ResultFormat } from "./with-metadata.ts";

/**
 * A C2PA manifest store as tests and the simulator put it into pictures: a JUMBF superbox with C2PA's description and
 * a box of any content. Nothing here is signed.
 */
export function testManifest(says = '{"claim_generator":"a test"}'): Buffer {
  const uuid = Buffer.from("63327061-0011-0010-8000-00aa00389b71".replaceAll("-", ""), "hex");
  const description = box("jumd", Buffer.concat([uuid, Buffer.from([3]), Buffer.from("c2pa\0")]));
  const content = box("json", Buffer.from(says));
  return box("jumb", Buffer.concat([description, content]));
}

/** Puts a manifest into a picture. */
export function withManifest(bytes: Buffer, format: ResultFormat, manifest = testManifest()): Buffer {
  switch (format) {
    case "jpeg": {
      // JPEG XT's header: identifier, number of the box, number of the segment (ISO 19566-5, annex D).
      const segment = Buffer.concat([Buffer.from("JP"), Buffer.from([0, 1, 0, 0, 0, 1]), manifest]);
      return afterStart(bytes, jpegSegment(0xeb, segment), 2);
    }
    case "png":
      return afterStart(bytes, pngChunk("caBX", manifest), 33);
    case "webp":
      return withWebpChunk(bytes, "C2PA", manifest);
  }
  return format satisfies never;
}

/** Puts an XMP packet into a picture. */
export function withXmp(bytes: Buffer, format: ResultFormat, xmp: Buffer): Buffer {
  switch (format) {
    case "jpeg":
      return afterStart(bytes, jpegSegment(0xe1, Buffer.concat([Buffer.from(XMP_HEAD, "latin1"), xmp])), 2);
    case "png":
      return afterStart(bytes, pngChunk("iTXt", Buffer.concat([Buffer.from(`${XMP_KEYWORD}\0\0\0\0`), xmp])), 33);
    case "webp":
      return withWebpChunk(bytes, "XMP ", xmp);
  }
  return format satisfies never;
}

function afterStart(bytes: Buffer, added: Buffer, at: number): Buffer {
  return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at)]);
}

function box(type: string, content: Buffer): Buffer {
  const head = Buffer.from(`\0\0\0\0${type}`, "latin1");
  head.writeUInt32BE(8 + content.length);
  return Buffer.concat([head, content]);
}

function jpegSegment(marker: number, body: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const chunk = Buffer.concat([Buffer.alloc(4), Buffer.from(type, "latin1"), data, Buffer.alloc(4)]);
  chunk.writeUInt32BE(data.length, 0);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), chunk.length - 4);
  return chunk;
}

/** Appends a chunk. Readers ignore unknown chunks, so a simple file needs no `VP8X`. */
function withWebpChunk(bytes: Buffer, type: string, data: Buffer): Buffer {
  const head = Buffer.from(`${type}\0\0\0\0`, "latin1");
  head.writeUInt32LE(data.length, 4);
  const file = Buffer.concat([bytes, head, data, Buffer.alloc(data.length % 2)]);
  file.writeUInt32LE(file.length - 8, 4);
  return file;
}
