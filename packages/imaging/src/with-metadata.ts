import { jpegWith } from "./jpeg-metadata.ts";
import { pngWith } from "./png-metadata.ts";
import { webpWith } from "./webp-metadata.ts";

export type ResultFormat = "jpeg" | "png" | "webp";

/** What a picture is given beside its pixels. */
export interface CarriedMetadata {
  /** A TIFF block; see `keptExif`. */
  readonly exif?: Buffer | undefined;
  /** A colour profile, for a picture that has none. */
  readonly icc?: Buffer | undefined;
}

/**
 * A picture without any metadata but its colour profile and what is carried over. Its pixels are not encoded anew.
 *
 * @throws RangeError for a file whose parts do not add up
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
