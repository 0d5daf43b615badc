import sharp, { type Sharp } from "sharp";
import { DarkroomError } from "@darkroom/core";
import { MOST_PIXELS } from "./decode-limits.ts";

export const THUMBNAIL_PX = 256;

/** A picture of {@link THUMBNAIL_PX} a side, upright, on white: three bytes of sRGB a pixel, row by row. */
export type Thumbnail = Uint8Array;

export interface ThumbnailOptions {
  /** Fail where the data is broken, rather than taking what can be had. Defaults to false. */
  readonly strict?: boolean;
  /** Take the colour values as they are in the file, whatever its profile says. Defaults to false. */
  readonly ignoreIcc?: boolean;
}

/**
 * Reads all of a picture's data and makes a thumbnail of it, its sides stretched to be equal; never holds all of its
 * pixels where the format allows that.
 *
 * @throws what sharp throws for a picture that cannot be decoded
 */
export async function thumbnailOf(bytes: Uint8Array, options: ThumbnailOptions = {}): Promise<Thumbnail> {
  const { strict = false, ignoreIcc = false } = options;
  return await thumbnailFrom(
    sharp(bytes, { failOn: strict ? "error" : "none", limitInputPixels: MOST_PIXELS, ignoreIcc }).autoOrient(),
  );
}

/** The thumbnail of an upright picture. */
export async function thumbnailFrom(picture: Sharp): Promise<Thumbnail> {
  return await rgbOf(
    picture.flatten({ background: "#ffffff" }).resize({ width: THUMBNAIL_PX, height: THUMBNAIL_PX, fit: "fill" }),
  );
}

/** The pixels of a picture without transparency: three bytes of sRGB each, also where it is grey. */
export async function rgbOf(picture: Sharp): Promise<Uint8Array> {
  const { data, info } = await picture
    .toColourspace("srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  if (info.channels === 3) return data;
  if (info.channels !== 1) throw new DarkroomError("internal", `a picture in RGB has ${info.channels} channels`);
  const spread = new Uint8Array(data.length * 3);
  for (let pixel = 0; pixel < data.length; pixel += 1) spread.fill(data[pixel] ?? 0, pixel * 3, pixel * 3 + 3);
  return spread;
}
