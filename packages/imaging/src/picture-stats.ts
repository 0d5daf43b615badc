import sharp from "sharp";
import type { PictureStats } from "@darkroom/core";

/** All is measured on a picture of this size, so that sizes do not matter and a JPEG is decoded at an eighth. */
const LONGEST_SIDE_PX = 192;
/** A picture of more pixels than this is taken for a decompression bomb. */
const MOST_PIXELS = 200_000_000;
/** Where a portrait has its face, and how wide and high that is, as shares of the picture. */
const FACE = { x: 0.5, y: 0.4, width: 0.28, height: 0.32 };
/** The upper corners: this wide and this high, as shares of the picture. */
const CORNER = { width: 0.2, height: 0.35 };
const MIDDLE_GREY = 0.18;
/** Keeps black from having no logarithm; a tenth of what an 8-bit picture can tell from black. */
const DARKEST = 0.000_03;

/** Linear light of an sRGB level (IEC 61966-2-1). */
const LINEAR = Float64Array.from({ length: 256 }, (_, level) => {
  const share = level / 255;
  return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
});

/**
 * Measures a picture for the comparison with its team: upright, in sRGB, the same for the same bytes on every machine.
 *
 * @throws where the bytes are no picture that can be decoded
 */
export async function pictureStats(bytes: Uint8Array): Promise<PictureStats> {
  const { data, info } = await sharp(bytes, { failOn: "none", limitInputPixels: MOST_PIXELS })
    .autoOrient()
    .resize({ width: LONGEST_SIDE_PX, height: LONGEST_SIDE_PX, fit: "inside" })
    .flatten({ background: "#ffffff" })
    .toColourspace("srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  return statsOf(data, info);
}

interface Size {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

function statsOf(pixels: Uint8Array, { width, height, channels }: Size): PictureStats {
  const lightness = new Float64Array(width * height);
  const columns = bell(width, FACE.x, FACE.width);
  const rows = bell(height, FACE.y, FACE.height);
  const weights = new Float64Array(width * height);
  const [toGreen, toBlue] = channels >= 3 ? [1, 2] : [0, 0];
  let [weight, red, green, blue] = [0, 0, 0, 0];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const place = y * width + x;
      const at = place * channels;
      const r = LINEAR[pixels[at] ?? 0] ?? 0;
      const g = LINEAR[pixels[at + toGreen] ?? 0] ?? 0;
      const b = LINEAR[pixels[at + toBlue] ?? 0] ?? 0;
      const counts = (rows[y] ?? 0) * (columns[x] ?? 0);
      weights[place] = counts;
      lightness[place] = lightnessOf(luminanceOf(r, g, b));
      weight += counts;
      red += counts * r;
      green += counts * g;
      blue += counts * b;
    }
  }
  const [r, g, b] = [red, green, blue].map((sum) => Math.max(DARKEST, sum / weight)) as [number, number, number];
  const contrast = spreadOf(lightness, weights);
  return {
    exposureEv: rounded(Math.log2(luminanceOf(r, g, b) / MIDDLE_GREY)),
    warmthEv: rounded(Math.log2(r / b)),
    tintEv: rounded(Math.log2((r + b) / 2 / g)),
    contrast: rounded(contrast),
    sharpness: rounded(sharpnessOf(lightness, weights, width, height, contrast)),
    background: rounded(backgroundOf(lightness, width, height)),
  };
}

/** Weights along one side: 1 at `middle`, falling off as a normal distribution does. */
function bell(length: number, middle: number, spread: number): Float64Array {
  return Float64Array.from({ length }, (_, place) => {
    const away = ((place + 0.5) / length - middle) / spread;
    return Math.exp((-away * away) / 2);
  });
}

/** Relative luminance (ITU-R BT.709). */
function luminanceOf(r: number, g: number, b: number): number {
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** CIE lightness, 0 to 1. */
function lightnessOf(luminance: number): number {
  return luminance > 216 / 24_389 ? 1.16 * Math.cbrt(luminance) - 0.16 : (luminance * 24_389) / 2_700;
}

function spreadOf(values: Float64Array, weights: Float64Array): number {
  let [weight, sum, squares] = [0, 0, 0];
  values.forEach((value, place) => {
    const counts = weights[place] ?? 0;
    weight += counts;
    sum += counts * value;
    squares += counts * value * value;
  });
  return Math.sqrt(Math.max(0, squares / weight - (sum / weight) ** 2));
}

/** The spread of the Laplacian against the contrast, so that a flat light does not pass for a soft picture. */
function sharpnessOf(
  lightness: Float64Array,
  weights: Float64Array,
  width: number,
  height: number,
  contrast: number,
): number {
  let [weight, squares] = [0, 0];
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1) {
      const place = y * width + x;
      const around =
        (lightness[place - 1] ?? 0) +
        (lightness[place + 1] ?? 0) +
        (lightness[place - width] ?? 0) +
        (lightness[place + width] ?? 0);
      const edge = 4 * (lightness[place] ?? 0) - around;
      const counts = weights[place] ?? 0;
      weight += counts;
      squares += counts * edge * edge;
    }
  }
  const edges = weight === 0 ? 0 : Math.sqrt(squares / weight);
  return Math.log2((edges + 0.001) / (contrast + 0.01));
}

function backgroundOf(lightness: Float64Array, width: number, height: number): number {
  const edge = Math.max(1, Math.round(width * CORNER.width));
  const low = Math.max(1, Math.round(height * CORNER.height));
  let [sum, count] = [0, 0];
  for (let y = 0; y < low; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (x >= edge && x < width - edge) continue;
      sum += lightness[y * width + x] ?? 0;
      count += 1;
    }
  }
  return Math.min(1, sum / count);
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
