import sharp from "sharp";
import type { PictureStats } from "@darkroom/core";
import { MOST_PIXELS } from "./decode-limits.ts";
import { rgbOf } from "./rgb-pixels.ts";
import { statsOf } from "./stats-of-pixels.ts";
import { THUMBNAIL_PX, thumbnailOf, type Thumbnail } from "./thumbnail.ts";

/** Size at which every picture is measured, so that its own size does not matter. */
const LONGEST_SIDE_PX = 192;

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Measures a picture for the comparison with its team: upright, in sRGB, with the same result for the same bytes on
 * every machine.
 *
 * @throws sharp's error for a picture that cannot be decoded
 */
export async function pictureStats(bytes: Uint8Array): Promise<PictureStats> {
  const { autoOrient } = await sharp(bytes, { failOn: "none", limitInputPixels: MOST_PIXELS }).metadata();
  return await statsOfThumbnail(await thumbnailOf(bytes), autoOrient);
}

/**
 * Returns the statistics of a picture that is already decoded.
 *
 * @param size upright size of the picture
 */
export async function statsOfThumbnail(thumbnail: Thumbnail, size: Size): Promise<PictureStats> {
  const square = sharp(thumbnail, { raw: { width: THUMBNAIL_PX, height: THUMBNAIL_PX, channels: 3 } });
  return statsOf(await rgbOf(square.resize({ ...measuredSize(size), fit: "fill" })));
}

function measuredSize({ width, height }: Size): Size {
  const scale = LONGEST_SIDE_PX / Math.max(width, height);
  const scaled = (side: number): number => Math.max(1, Math.round(side * scale));
  return { width: scaled(width), height: scaled(height) };
}
