import { readFile } from "node:fs/promises";
import sharp, { type Sharp } from "sharp";

export type SourceFormat = "jpeg" | "png" | "heic";

/** A photo with a camera's noise, and a retouched version. */
export interface LargePair {
  readonly source: Buffer;
  readonly result: Buffer;
  /** Extension of the source's file name. */
  readonly extension: string;
  /**
   * Returns another file with the same picture. For HEIC, always returns the same file, because HEIC readers accept no
   * bytes after the end.
   */
  readonly another: (index: number) => Buffer;
}

/**
 * Standard deviation of the noise. With this noise and quality, a JPEG of 12 megapixels is as large as one from a good
 * camera.
 */
const NOISE_LEVELS = 30;
const JPEG_QUALITY = 95;
const PORTRAIT = new URL("../../../examples/photos/grace_hopper.jpg", import.meta.url);
const HEIC = new URL("../../../packages/imaging/test-pictures/astronaut-12mp.heic", import.meta.url);

/**
 * Creates a pair of this many megapixels, with a camera's noise. The result is a JPEG, or a PNG for a PNG source. HEIC
 * sources exist only at 12 megapixels, because sharp cannot write HEVC.
 */
export async function largePair(format: SourceFormat, megapixels: number): Promise<LargePair> {
  const width = Math.round(Math.sqrt(megapixels * 750_000));
  const height = Math.round((width * 4) / 3);
  if (format === "heic") {
    const source = await readFile(HEIC);
    const base = sharp(await readFile(new URL("../../../examples/photos/astronaut.png", import.meta.url)));
    const result = await jpegOf(await noisy(base, 3_000, 4_000));
    return { source, result, extension: "heic", another: () => source };
  }
  const picture = await noisy(sharp(await readFile(PORTRAIT)), width, height);
  const [source, result] =
    format === "jpeg"
      ? [await picture.clone().jpeg({ quality: JPEG_QUALITY }).toBuffer(), await jpegOf(picture)]
      : [await pngOf(picture.clone().blur(0.6)), await pngOf(retouched(picture))];
  // Both decoders ignore bytes after the picture's end.
  const another = (index: number): Buffer => Buffer.concat([source, Buffer.from(`#${index}`)]);
  return { source, result, extension: format === "jpeg" ? "jpg" : "png", another };
}

async function noisy(base: Sharp, width: number, height: number): Promise<Sharp> {
  const noise = await sharp({
    create: {
      width,
      height,
      channels: 3,
      background: "#808080",
      noise: { type: "gaussian", mean: 128, sigma: NOISE_LEVELS },
    },
  })
    .png({ compressionLevel: 1 })
    .toBuffer();
  const { data } = await base
    .removeAlpha()
    .toColourspace("srgb")
    .resize(width, height, { fit: "cover" })
    .composite([{ input: noise, blend: "soft-light" }])
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return sharp(data, { raw: { width, height, channels: 3 } });
}

function retouched(picture: Sharp): Sharp {
  return picture.clone().linear(1.06, 4).modulate({ saturation: 1.08 }).blur(0.6);
}

async function jpegOf(picture: Sharp): Promise<Buffer> {
  return await retouched(picture).jpeg({ quality: JPEG_QUALITY }).toBuffer();
}

async function pngOf(picture: Sharp): Promise<Buffer> {
  return await picture.png({ compressionLevel: 3 }).toBuffer();
}
