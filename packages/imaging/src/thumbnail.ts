import sharp from "sharp";
import { MOST_PIXELS } from "./decode-limits.ts";
import { rgbOf } from "./rgb-pixels.ts";

export const THUMBNAIL_PX = 256;

/** A picture of {@link THUMBNAIL_PX} a side, upright, on white: three bytes of sRGB per pixel, row by row. */
export type Thumbnail = Uint8Array;

/** Longer side of a {@link previewOf}. */
export const PREVIEW_PX = 1_024;

/** JPEG, because a WebP takes twice the CPU for the same size. */
const QUALITY = { thumbnail: 76, preview: 82 } as const;

export interface ThumbnailOptions {
  /** Fails if the data is broken. By default, the decodable part is used. */
  readonly strict?: boolean;
  /** Uses the colour values in the file, regardless of its profile. */
  readonly ignoreIcc?: boolean;
}

/**
 * Decodes all of a picture's data into a thumbnail whose sides are stretched to be equal. A JPEG or WebP is decoded at
 * a fraction of its size. No format is decoded as a whole unless its rows come out of order.
 *
 * @throws sharp's error for a picture that cannot be decoded
 */
export async function thumbnailOf(bytes: Uint8Array, options: ThumbnailOptions = {}): Promise<Thumbnail> {
  const { strict = false, ignoreIcc = false } = options;
  const picture = sharp(bytes, { failOn: strict ? "error" : "none", limitInputPixels: MOST_PIXELS, ignoreIcc });
  const { data } = await rgbOf(
    picture
      .autoOrient()
      .flatten({ background: "#ffffff" })
      .resize({ width: THUMBNAIL_PX, height: THUMBNAIL_PX, fit: "fill" }),
  );
  return data;
}

/**
 * Encodes a thumbnail as a JPEG in the picture's own proportions, its longer side {@link THUMBNAIL_PX}: about 10 KB.
 *
 * @param size the picture's size as displayed; only the proportions matter
 */
export async function encodeThumbnail(
  thumbnail: Thumbnail,
  { width, height }: { readonly width: number; readonly height: number },
): Promise<Buffer> {
  const share = THUMBNAIL_PX / Math.max(width, height);
  const side = (pixels: number): number => Math.max(1, Math.round(pixels * share));
  return await sharp(thumbnail, { raw: { width: THUMBNAIL_PX, height: THUMBNAIL_PX, channels: 3 } })
    .resize({ width: side(width), height: side(height), fit: "fill" })
    .jpeg({ quality: QUALITY.thumbnail })
    .toBuffer();
}

/**
 * Encodes a picture as a JPEG of at most {@link PREVIEW_PX} a side, for a photo whose own format no browser shows.
 *
 * @throws sharp's error for a picture that cannot be decoded
 */
export async function previewOf(bytes: Uint8Array): Promise<Buffer> {
  return await sharp(bytes, { failOn: "none", limitInputPixels: MOST_PIXELS })
    .autoOrient()
    .flatten({ background: "#ffffff" })
    .resize({ width: PREVIEW_PX, height: PREVIEW_PX, fit: "inside", withoutEnlargement: true })
    .jpeg({ quality: QUALITY.preview })
    .toBuffer();
}
