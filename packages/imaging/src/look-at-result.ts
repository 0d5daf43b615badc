import sharp, { type Metadata } from "sharp";
import type { PictureStats } from "@darkroom/core";
import { MOST_PIXELS } from "./decode-limits.ts";
import { PIXELS_OF_FILE } from "./finishing-bytes.ts";
import { statsFrom } from "./picture-stats.ts";
import { thumbnailFrom, thumbnailOf, type Thumbnail } from "./thumbnail.ts";

/** Pixels of more than this are never held whole. */
const MOST_HELD_BYTES = 16 * 1_024 * 1_024;

export interface ResultLook {
  readonly thumbnail: Thumbnail;
  /** Only where the picture was decoded for both at once. */
  readonly stats?: PictureStats;
}

/**
 * Decodes all of a result, and fails where its data is broken. Where it is to be measured, too, and its pixels may be
 * held, it is decoded once for both: that gives the same numbers as `pictureStats` does.
 *
 * @throws what sharp throws for a picture that cannot be decoded
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
 * Of PNG only: a JPEG or WebP is decoded at a fraction of its size, another one for each of the two, which is cheaper
 * than all of its pixels, and gives other numbers than these would.
 */
function isHeldWhole(
  bytes: Uint8Array,
  { format, depth, orientation = 1, width, height, channels }: Metadata,
): boolean {
  if (format !== "png" || depth !== "uchar" || orientation !== 1) return false;
  const heldBytes = width * height * Math.min(channels, 3);
  return heldBytes <= Math.min(MOST_HELD_BYTES, bytes.length * PIXELS_OF_FILE);
}
