import sharp from "sharp";
import type { PictureStats } from "@darkroom/core";
import { MOST_PIXELS } from "./decode-limits.ts";
import { rgbOf } from "./rgb-pixels.ts";
import { statsOf } from "./stats-of-pixels.ts";
import { THUMBNAIL_PX, thumbnailOf, type Thumbnail } from "./thumbnail.ts";

/** Every picture is measured at this size, so that its own size does not matter. */
const LONGEST_SIDE_PX = 192;

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Measures a picture for the comparison with its team: upright, in sRGB, with the same result for the same bytes on
 * every machine.
 *
 * @throws what sharp throws for a picture that cannot be decoded
 */
export async function pictureStats(bytes: Uint8Array): Promise<PictureStats> {
  const { autoOrient } = await sharp(bytes, { failOn: "none", limitInputPixels: MOST_PIXELS }).metadata();
  return await statsOfThumbnail(await thumbnailOf(bytes), autoOrient);
}

/**
 * The statistics of a picture that was decoded already.
 *
 * @param size of the picture as seen
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
