import sharp, { type Metadata } from "sharp";
import { brokenPicture } from "./broken-picture.ts";
import { isCameraRaw } from "./camera-raw.ts";
import { isSrgbProfile } from "./icc-profile.ts";
import { sniffContent } from "./sniff-content.ts";
import { toldProfile } from "./told-profile.ts";
import { webpHeader } from "./webp-header.ts";

/** Traits that, together with format and size, determine whether a picture can be sent unchanged. */
interface PictureTraits {
  /** The EXIF orientation, 1 to 8; 1 if there is none. */
  readonly orientation: number;
  readonly colour: "rgb" | "grey" | "cmyk" | "other";
  /** True for a colour profile, or another description of colours, other than sRGB's. */
  readonly hasForeignProfile: boolean;
  readonly bitsPerChannel: 8 | 16;
  readonly hasAlpha: boolean;
  readonly isAnimated: boolean;
  /** True if the rows are not stored in order, so that the picture is decoded as a whole. */
  readonly isInterlaced: boolean;
}

const PLAIN: PictureTraits = {
  orientation: 1,
  colour: "rgb",
  hasForeignProfile: false,
  bitsPerChannel: 8,
  hasAlpha: false,
  isAnimated: false,
  isInterlaced: false,
};

/** Facts from the first bytes of a file. */
export type Probe =
  | {
      readonly kind: "picture";
      /** MIME type, by content. */
      readonly contentType: string;
      /** Upright size, with the EXIF orientation applied. */
      readonly width: number;
      readonly height: number;
      /** Size of the whole file. */
      readonly sizeBytes: number;
      readonly traits: PictureTraits;
    }
  /** The header is longer than the input. This number of bytes may contain the whole header. */
  | { readonly kind: "need_more"; readonly bytes: number; readonly contentType: string }
  | {
      readonly kind: "not_a_picture";
      /** `unsupported_format` for a picture in a format that is not supported. */
      readonly code: "invalid_image" | "unsupported_format";
      readonly message: string;
    };

/**
 * Reads a picture's header without decoding the picture.
 *
 * @param firstBytes the file's start, at least 64 KiB if the file has them
 * @param sizeBytes size of the whole file
 */
export async function probePicture(firstBytes: Uint8Array, sizeBytes: number): Promise<Probe> {
  const content = sniffContent(firstBytes);
  if (content.kind === "other") return { kind: "not_a_picture", code: content.code, message: content.message };
  const { contentType } = content;
  if (contentType === "image/tiff" && isCameraRaw(firstBytes)) {
    const message = "the file is a camera's raw file; develop it and save it as JPEG, PNG or TIFF";
    return { kind: "not_a_picture", code: "unsupported_format", message };
  }
  try {
    const metadata = await sharp(firstBytes, { failOn: "none", limitInputPixels: false }).metadata();
    const { autoOrient, width, height } = metadata;
    const seen = autoOrient ?? { width, height };
    const traits =
      contentType === "image/heic" ? PLAIN : traitsOf(metadata, toldProfile(contentType, firstBytes, metadata.exif));
    return { kind: "picture", contentType, width: seen.width, height: seen.height, sizeBytes, traits };
  } catch (error) {
    if (firstBytes.length >= sizeBytes) {
      const message = brokenPicture(error);
      return { kind: "not_a_picture", code: "invalid_image", message };
    }
    return (
      (contentType === "image/webp" ? probeWebp(firstBytes, sizeBytes) : undefined) ?? {
        kind: "need_more",
        bytes: Math.min(sizeBytes, firstBytes.length * 8),
        contentType,
      }
    );
  }
}

/**
 * HEICs are {@link PLAIN}: the orientation is part of the picture, and providers that accept HEIC accept the files of
 * phones.
 */
function traitsOf(metadata: Metadata, told: Buffer | undefined): PictureTraits {
  const { orientation = 1, space, depth, icc, hasAlpha, pages = 1, isProgressive } = metadata;
  const colour =
    space === "srgb" || space === "rgb" || space === "rgb16"
      ? "rgb"
      : space === "b-w" || space === "grey16"
        ? "grey"
        : space === "cmyk"
          ? "cmyk"
          : "other";
  return {
    orientation,
    colour,
    hasForeignProfile: colour === "rgb" && (icc === undefined ? told !== undefined : !isSrgbProfile(icc)),
    bitsPerChannel: depth === "uchar" ? 8 : 16,
    hasAlpha,
    isAnimated: pages > 1,
    isInterlaced: isProgressive,
  };
}

/** Returns undefined if only the whole file shows the orientation. */
function probeWebp(firstBytes: Uint8Array, sizeBytes: number): Probe | undefined {
  const header = webpHeader(firstBytes);
  if (header === undefined || header.hasExif) return undefined;
  const { width, height, hasAlpha, isAnimated, profile } = header;
  const hasForeignProfile = profile !== undefined && !isSrgbProfile(profile);
  const traits = { ...PLAIN, hasAlpha, isAnimated, hasForeignProfile };
  return { kind: "picture", contentType: "image/webp", width, height, sizeBytes, traits };
}
