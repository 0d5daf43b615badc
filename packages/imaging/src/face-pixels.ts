import sharp, { type Sharp } from "sharp";
import { decodeHeic } from "./decode-heic.ts";
import { MOST_PIXELS } from "./decode-limits.ts";
import { rgbOf, type RgbPixels } from "./rgb-pixels.ts";
import { sniffContent } from "./sniff-content.ts";

/** Longer side at which faces are searched. */
const FACE_PX = 640;

/** A decoded picture for finding faces. */
export interface FacePicture extends RgbPixels {
  readonly channels: 3;
}

/**
 * Decodes a picture in the form in which faces are searched: upright, sRGB, on white, its longer side at most 640 px. A
 * JPEG or WebP is decoded at a fraction of its size. Needs the picture's `workBytes` of memory.
 *
 * @throws an error for a picture that cannot be decoded
 */
export async function facePixelsOf(bytes: Uint8Array): Promise<FacePicture> {
  const picture = (await open(bytes))
    .flatten({ background: "#ffffff" })
    .resize({ width: FACE_PX, height: FACE_PX, fit: "inside", withoutEnlargement: true });
  return { ...(await rgbOf(picture)), channels: 3 };
}

async function open(bytes: Uint8Array): Promise<Sharp> {
  const content = sniffContent(bytes);
  if (content.kind !== "picture" || content.contentType !== "image/heic") {
    return sharp(bytes, { failOn: "none", limitInputPixels: MOST_PIXELS }).autoOrient();
  }
  const { data, width, height } = await decodeHeic(bytes);
  return sharp(data, { raw: { width, height, channels: 4 } });
}
