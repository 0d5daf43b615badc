import sharp, { type Sharp } from "sharp";
import { DarkroomError } from "@darkroom/core";
import { MOST_PIXELS } from "./decode-limits.ts";

export const THUMBNAIL_PX = 256;

/**
 * An upright square picture with sides of {@link THUMBNAIL_PX}, on white: three bytes of sRGB per pixel, row by row.
 */
export type Thumbnail = Uint8Array;

export interface ThumbnailOptions {
  /** Fails on broken data instead of decoding what it can. Defaults to false. */
  readonly strict?: boolean;
  /** Uses the colour values of the file and ignores its profile. Defaults to false. */
  readonly ignoreIcc?: boolean;
}

/**
 * Reads a picture completely and makes a square thumbnail, with its sides stretched. Never holds all of its pixels if
 * the format allows that.
 *
 * @throws sharp's error for a picture that cannot be decoded
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

/** The pixels of a picture without transparency: three bytes of sRGB each, even for grey. */
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
