import sharp from "sharp";
import { messageOf } from "@darkroom/core";

/** A comparison of an enhanced portrait with its source. */
export interface Comparison {
  /** Size of the result, such as `640 × 800`. */
  readonly size: string;
  /** Mean difference of the colour values, 0 to 255. */
  readonly meanDifference: number;
  /** Problems found; empty if none. */
  readonly problems: readonly string[];
}

/** A smaller difference is invisible. */
const VISIBLE_DIFFERENCE = 1;
const COMPARED_PX = 256;

/** Decodes both pictures, and compares size, orientation and colours. */
export async function comparePictures(before: Uint8Array, after: Uint8Array): Promise<Comparison> {
  try {
    const [was, is] = await Promise.all([upright(before), upright(after)]);
    const problems: string[] = [];
    if (was.width !== is.width || was.height !== is.height) {
      problems.push(`it is ${is.width} × ${is.height} and was ${was.width} × ${was.height}`);
    }
    const meanDifference = differenceOf(was.pixels, is.pixels);
    if (meanDifference < VISIBLE_DIFFERENCE) problems.push("it looks like its source");
    return { size: `${is.width} × ${is.height}`, meanDifference, problems };
  } catch (error) {
    return { size: "", meanDifference: 0, problems: [`it cannot be decoded: ${messageOf(error)}`] };
  }
}

interface Upright {
  readonly width: number;
  readonly height: number;
  readonly pixels: Buffer;
}

async function upright(picture: Uint8Array): Promise<Upright> {
  const turned = sharp(picture, { failOn: "error" }).autoOrient().toColourspace("srgb").removeAlpha();
  const { data, info } = await turned.raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const pixels = await sharp(data, { raw: { width, height, channels } })
    .toColourspace("srgb")
    .resize(COMPARED_PX, COMPARED_PX, { fit: "fill" })
    .raw()
    .toBuffer();
  return { width, height, pixels };
}

function differenceOf(a: Buffer, b: Buffer): number {
  if (a.length !== b.length) return 255;
  let sum = 0;
  for (let place = 0; place < a.length; place++) sum += Math.abs((a[place] ?? 0) - (b[place] ?? 0));
  return sum / a.length;
}
