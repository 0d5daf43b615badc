import sharp from "sharp";
import { DELIVERIES, type Delivery } from "@darkroom/core";
import { aiMarks, MADE_WITH_AI, xmpOf } from "./ai-marks.ts";
import { MOST_PIXELS } from "./decode-limits.ts";
import { cutRegion } from "./cut-region.ts";
import { keptExif } from "./kept-exif.ts";
import { CONTENT_TYPES } from "./finish-result.ts";
import { withMetadata } from "./with-metadata.ts";

export interface Cut {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly width: number;
  readonly height: number;
  /** Warnings for the user. */
  readonly warnings: readonly string[];
}

/** Maximum factor by which a cut is enlarged. A smaller source produces a smaller cut. */
const MOST_ENLARGED = 1.5;
/**
 * Cuts one delivery from a finished result: its proportions around the head with space above the head, then its size.
 * The cut is in sRGB, with only copyright metadata and the mark that it was made with AI.
 *
 * @throws sharp's error for a picture that cannot be decoded
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
    bytes: withMetadata(encoded, format, { exif: rights, xmp: xmpOf(aiMarks(resultBytes).sourceType ?? MADE_WITH_AI) }),
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
