import sharp from "sharp";
import { MOST_PIXELS } from "./decode-limits.ts";
import { rgbOf, type RgbPixels } from "./rgb-pixels.ts";

/** Longer side at which faces are searched. */
const FACE_PX = 640;

/** A decoded picture for finding faces. */
export interface FacePicture extends RgbPixels {
  readonly channels: 3;
}

/**
 * Decodes a picture in the form in which faces are searched: upright, sRGB, on white, its longer side at most 640 px. A
 * JPEG or WebP is decoded at a fraction of its size.
 *
 * @throws sharp's error for a picture that cannot be decoded, such as a HEIC
 */
export async function facePixelsOf(bytes: Uint8Array): Promise<FacePicture> {
  const picture = sharp(bytes, { failOn: "none", limitInputPixels: MOST_PIXELS })
    .autoOrient()
    .flatten({ background: "#ffffff" })
    .resize({ width: FACE_PX, height: FACE_PX, fit: "inside", withoutEnlargement: true });
  return { ...(await rgbOf(picture)), channels: 3 };
}
