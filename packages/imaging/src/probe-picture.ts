import sharp, { type Metadata } from "sharp";
import { brokenPicture } from "./broken-picture.ts";
import { isCameraRaw } from "./camera-raw.ts";
import { isSrgbProfile } from "./icc-profile.ts";
import { sniffContent } from "./sniff-content.ts";
import { toldProfile } from "./told-profile.ts";
import { webpHeader } from "./webp-header.ts";

/** What decides, beside kind and size, on whether a picture can be sent as it is. */
interface PictureTraits {
  /** The EXIF orientation, 1 to 8; 1 where there is none. */
  readonly orientation: number;
  readonly colour: "rgb" | "grey" | "cmyk" | "other";
  /** It has a colour profile, or tells in another way of colours, that are not sRGB's. */
  readonly hasForeignProfile: boolean;
  readonly bitsPerChannel: 8 | 16;
  readonly hasAlpha: boolean;
  readonly isAnimated: boolean;
  /** Its rows do not come one after the other: it is decoded whole. */
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

/** What the first bytes of a file tell. */
export type Probe =
  | {
      readonly kind: "picture";
      /** MIME type, by content. */
      readonly contentType: string;
      /** As seen, with the EXIF orientation applied. */
      readonly width: number;
      readonly height: number;
      /** The whole file's. */
      readonly sizeBytes: number;
      readonly traits: PictureTraits;
    }
  /** The header is longer than what was given; so many bytes may hold it. */
  | { readonly kind: "need_more"; readonly bytes: number; readonly contentType: string }
  | {
      readonly kind: "not_a_picture";
      /** `unsupported_format` for a picture of a kind that is not read here. */
      readonly code: "invalid_image" | "unsupported_format";
      readonly message: string;
    };

/**
 * Looks at a picture's header without decoding it.
 *
 * @param firstBytes the file's beginning, 64 KiB or more where the file has them
 * @param sizeBytes of the whole file
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

/** HEIC's are {@link PLAIN}: its orientation is part of the picture, and who takes it takes what phones make. */
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

/** Undefined where only the whole file tells which way up it is. */
function probeWebp(firstBytes: Uint8Array, sizeBytes: number): Probe | undefined {
  const header = webpHeader(firstBytes);
  if (header === undefined || header.hasExif) return undefined;
  const { width, height, hasAlpha, isAnimated, profile } = header;
  const hasForeignProfile = profile !== undefined && !isSrgbProfile(profile);
  const traits = { ...PLAIN, hasAlpha, isAnimated, hasForeignProfile };
  return { kind: "picture", contentType: "image/webp", width, height, sizeBytes, traits };
}
