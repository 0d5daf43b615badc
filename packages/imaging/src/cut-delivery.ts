import sharp from "sharp";
import { DELIVERIES, type Delivery } from "@darkroom/core";
import { MOST_PIXELS } from "./decode-limits.ts";
import { keptExif } from "./kept-exif.ts";
import { CONTENT_TYPES } from "./finish-result.ts";
import { withMetadata } from "./with-metadata.ts";

export interface Cut {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly width: number;
  readonly height: number;
  /** What a person should look at, in words. */
  readonly warnings: readonly string[];
}

/** A cut is enlarged by no more than this; where that is not enough it stays smaller. */
const MOST_ENLARGED = 1.5;
/** Where the point that the eye goes to lies within a cut, from its top: the rest is room above the head. */
const FOCUS_SHARE = 0.42;
/** The focus is looked for in a picture of this size. */
const FOCUS_PX = 320;

/**
 * Cuts one delivery from a finished result: its proportions, around the point that draws attention (skin, colour and
 * contrast, by libvips) with room above it, then its size; in sRGB, with only the rights in its metadata.
 *
 * @throws what sharp throws for a picture that cannot be decoded
 */
export async function cutDelivery(resultBytes: Uint8Array, { name, format = "jpeg" }: Delivery): Promise<Cut> {
  const wished = DELIVERIES[name];
  const input = sharp(resultBytes, { failOn: "error", limitInputPixels: MOST_PIXELS });
  const { autoOrient, exif } = await input.metadata();
  const region = await cutRegion(resultBytes, autoOrient, wished.width / wished.height);
  const enlarged = wished.width / region.width;
  const scale = Math.min(enlarged, MOST_ENLARGED) / enlarged;
  const width = Math.max(1, Math.round(wished.width * scale));
  const height = Math.max(1, Math.round(wished.height * scale));
  const cut = input
    .autoOrient()
    .extract(region)
    .resize({ width, height, fit: "fill" })
    .toColourspace("srgb")
    .withIccProfile("srgb");
  const encoded = await (
    format === "jpeg"
      ? cut.flatten({ background: "#ffffff" }).jpeg({ quality: 90, chromaSubsampling: "4:4:4" })
      : format === "png"
        ? cut.png({ compressionLevel: 9 })
        : cut.webp({ quality: 90 })
  ).toBuffer();
  const rights = exif === undefined ? undefined : keptExif(exif, "rights");
  return {
    bytes: withMetadata(encoded, format, { exif: rights }),
    contentType: CONTENT_TYPES[format],
    width,
    height,
    warnings:
      enlarged <= 1
        ? []
        : [
            `${name} was cut from ${region.width} × ${region.height} px, less than its ${wished.width} × ${wished.height} px: ` +
              (scale < 1 ? `it has ${width} × ${height} px` : "it was enlarged"),
          ],
  };
}

interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The largest region of a picture with these proportions, around its focus. */
async function cutRegion(
  bytes: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  ratio: number,
): Promise<Region> {
  const cutWidth = Math.max(1, Math.min(width, Math.round(height * ratio)));
  const cutHeight = Math.max(1, Math.min(height, Math.round(width / ratio)));
  const focus = await focusOf(bytes, cutWidth / width, cutHeight / height);
  const within = (start: number, room: number): number => Math.max(0, Math.min(room, Math.round(start)));
  return {
    left: within(focus.x * width - cutWidth / 2, width - cutWidth),
    top: within(focus.y * height - cutHeight * FOCUS_SHARE, height - cutHeight),
    width: cutWidth,
    height: cutHeight,
  };
}

/** The point that draws attention, as shares of the sides. */
async function focusOf(
  bytes: Uint8Array,
  widthShare: number,
  heightShare: number,
): Promise<{ readonly x: number; readonly y: number }> {
  const small = await sharp(bytes, { limitInputPixels: MOST_PIXELS })
    .autoOrient()
    .flatten({ background: "#ffffff" })
    .resize({ width: FOCUS_PX, height: FOCUS_PX, fit: "inside" })
    .toColourspace("srgb")
    .png({ compressionLevel: 0 })
    .toBuffer({ resolveWithObject: true });
  const { width, height } = small.info;
  const { info } = await sharp(small.data)
    .resize({
      width: Math.max(1, Math.round(width * widthShare)),
      height: Math.max(1, Math.round(height * heightShare)),
      fit: "cover",
      position: sharp.strategy.attention,
    })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { x: (info.attentionX ?? width / 2) / width, y: (info.attentionY ?? height * 0.4) / height };
}
