/** Number of bytes that contain a WebP's size. */
const HEADER_BYTES = 30;
/** Flags of the `VP8X` chunk. */
const ANIMATED = 0x02;
const HAS_EXIF = 0x08;
const HAS_ALPHA = 0x10;
const HAS_PROFILE = 0x20;

/** Facts from a WebP's first chunks. */
export interface WebpHeader {
  readonly width: number;
  readonly height: number;
  readonly hasAlpha: boolean;
  readonly isAnimated: boolean;
  /** True if there is EXIF, which follows the picture and may contain an orientation. */
  readonly hasExif: boolean;
  readonly profile: Uint8Array | undefined;
}

/**
 * Reads a WebP's first chunks (RFC 9649: `VP8X` with `ICCP`, `VP8L` or `VP8 `), because sharp reads a WebP's header
 * only from the whole file.
 *
 * @returns undefined if a chunk is truncated or unknown
 */
export function webpHeader(bytes: Uint8Array): WebpHeader | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const plain = { hasAlpha: false, isAnimated: false, hasExif: false, profile: undefined };
  switch (file.toString("latin1", 12, 16)) {
    case "VP8X": {
      const flags = file[20] ?? 0;
      const profile = (flags & HAS_PROFILE) === 0 ? undefined : profileOf(file);
      if ((flags & HAS_PROFILE) !== 0 && profile === undefined) return undefined;
      return {
        width: file.readUIntLE(24, 3) + 1,
        height: file.readUIntLE(27, 3) + 1,
        hasAlpha: (flags & HAS_ALPHA) !== 0,
        isAnimated: (flags & ANIMATED) !== 0,
        hasExif: (flags & HAS_EXIF) !== 0,
        profile,
      };
    }
    case "VP8L": {
      const sizes = file.readUInt32LE(21);
      if (file[20] !== 0x2f) return undefined;
      const hasAlpha = ((sizes >>> 28) & 1) === 1;
      return { ...plain, width: (sizes & 0x3fff) + 1, height: ((sizes >>> 14) & 0x3fff) + 1, hasAlpha };
    }
    case "VP8 ": {
      const isKeyFrame = file.readUIntBE(23, 3) === 0x9d012a;
      const size = { width: file.readUInt16LE(26) & 0x3fff, height: file.readUInt16LE(28) & 0x3fff };
      return isKeyFrame ? { ...plain, ...size } : undefined;
    }
    default:
      return undefined;
  }
}

/** Returns the colour profile, whose chunk follows the first chunk. */
function profileOf(file: Buffer): Uint8Array | undefined {
  if (file.length < HEADER_BYTES + 8 || file.toString("latin1", HEADER_BYTES, HEADER_BYTES + 4) !== "ICCP") {
    return undefined;
  }
  const end = HEADER_BYTES + 8 + file.readUInt32LE(HEADER_BYTES + 4);
  return end > file.length ? undefined : file.subarray(HEADER_BYTES + 8, end);
}
