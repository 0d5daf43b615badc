import type { Sharp } from "sharp";
import { DarkroomError } from "@darkroom/core";

/** A picture without transparency: three bytes of sRGB per pixel, row by row. */
export interface RgbPixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Renders a picture without transparency as pixels. A grey picture gets three equal channels. */
export async function rgbOf(picture: Sharp): Promise<RgbPixels> {
  const { data, info } = await picture
    .toColourspace("srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (channels === 3) return { data, width, height };
  if (channels !== 1) throw new DarkroomError("internal", `a picture in RGB has ${channels} channels`);
  const spread = new Uint8Array(data.length * 3);
  for (let pixel = 0; pixel < data.length; pixel += 1) spread.fill(data[pixel] ?? 0, pixel * 3, pixel * 3 + 3);
  return { data: spread, width, height };
}
