import sharp, { type Metadata } from "sharp";
import type { PictureStats } from "@darkroom/core";
import { MOST_PIXELS } from "./decode-limits.ts";
import { PIXELS_OF_FILE } from "./finishing-bytes.ts";
import { statsFrom } from "./picture-stats.ts";
import { thumbnailFrom, thumbnailOf, type Thumbnail } from "./thumbnail.ts";

/** Larger pictures are never held whole in memory. */
const MOST_HELD_BYTES = 16 * 1_024 * 1_024;

export interface ResultLook {
  readonly thumbnail: Thumbnail;
  /** Present only if the picture was decoded once for both purposes. */
  readonly stats?: PictureStats;
}

/**
 * Decodes a result completely and fails if its data is broken. If it must also be measured and its pixels fit in
 * memory, decodes it once for both, with the same numbers as `pictureStats`.
 *
 * @throws sharp's error for a picture that cannot be decoded
 */
export async function lookAtResult(bytes: Uint8Array, metadata: Metadata, measure: boolean): Promise<ResultLook> {
  if (!measure || !isHeldWhole(bytes, metadata)) return { thumbnail: await thumbnailOf(bytes, { strict: true }) };
  const { data, info } = await sharp(bytes, { failOn: "error", limitInputPixels: MOST_PIXELS })
    .flatten({ background: "#ffffff" })
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const pixels = () => sharp(data, { raw: { width, height, channels } });
  return { thumbnail: await thumbnailFrom(pixels()), stats: await statsFrom(pixels()) };
}

/**
 * PNG only: JPEG and WebP are decoded at reduced sizes, which is cheaper than decoding all pixels and gives other
 * numbers.
 */
function isHeldWhole(
  bytes: Uint8Array,
  { format, depth, orientation = 1, width, height, channels }: Metadata,
): boolean {
  if (format !== "png" || depth !== "uchar" || orientation !== 1) return false;
  const heldBytes = width * height * Math.min(channels, 3);
  return heldBytes <= Math.min(MOST_HELD_BYTES, bytes.length * PIXELS_OF_FILE);
}
