/** Where a WebP's size is told, at the latest. */
const HEADER_BYTES = 30;

/**
 * The size that a WebP's first chunk tells (RFC 9649: `VP8X`, `VP8L` or `VP8 `), without the EXIF orientation, which
 * comes after the picture. sharp reads a WebP's header from the whole file only.
 *
 * @returns undefined where the chunk is cut or is none of the three
 */
export function webpSize(bytes: Uint8Array): { readonly width: number; readonly height: number } | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  switch (file.toString("latin1", 12, 16)) {
    case "VP8X":
      return { width: file.readUIntLE(24, 3) + 1, height: file.readUIntLE(27, 3) + 1 };
    case "VP8L": {
      const sizes = file.readUInt32LE(21);
      return file[20] === 0x2f ? { width: (sizes & 0x3fff) + 1, height: ((sizes >>> 14) & 0x3fff) + 1 } : undefined;
    }
    case "VP8 ": {
      const isKeyFrame = file.readUIntBE(23, 3) === 0x9d012a;
      const size = { width: file.readUInt16LE(26) & 0x3fff, height: file.readUInt16LE(28) & 0x3fff };
      return isKeyFrame ? size : undefined;
    }
    default:
      return undefined;
  }
}
