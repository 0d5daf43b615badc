import { jpegWith } from "./jpeg-metadata.ts";
import { pngWith } from "./png-metadata.ts";
import { webpWith } from "./webp-metadata.ts";
import { type CarriedMetadata } from "./carried-metadata.ts";

export type ResultFormat = "jpeg" | "png" | "webp";

/**
 * Removes all metadata of a picture except its colour profile, and adds the carried metadata. Does not re-encode the
 * pixels.
 *
 * @throws RangeError for a file with inconsistent parts
 */
export function withMetadata(bytes: Uint8Array, format: ResultFormat, carried: CarriedMetadata): Uint8Array {
  switch (format) {
    case "jpeg":
      return jpegWith(bytes, carried);
    case "png":
      return pngWith(bytes, carried);
    case "webp":
      return webpWith(bytes, carried);
  }
  return format satisfies never;
}
