import sharp, { type Sharp } from "sharp";
import type { PictureStats } from "@darkroom/core";
import { MOST_PIXELS } from "./decode-limits.ts";
import { statsOf } from "./stats-of-pixels.ts";

/** Measure at one size, so that sizes do not matter and a JPEG is decoded at an eighth. */
const LONGEST_SIDE_PX = 192;

/**
 * Measures a picture for the comparison with its team: upright, in sRGB, with the same result for the same bytes on
 * every machine.
 *
 * @throws for bytes that are not a decodable picture
 */
export async function pictureStats(bytes: Uint8Array): Promise<PictureStats> {
  return await statsFrom(sharp(bytes, { failOn: "none", limitInputPixels: MOST_PIXELS }).autoOrient());
}

/** The statistics of an upright picture. */
export async function statsFrom(picture: Sharp): Promise<PictureStats> {
  const { data, info } = await picture
    .resize({ width: LONGEST_SIDE_PX, height: LONGEST_SIDE_PX, fit: "inside" })
    .flatten({ background: "#ffffff" })
    .toColourspace("srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  return statsOf({ data, width: info.width, height: info.height, channels: info.channels });
}
