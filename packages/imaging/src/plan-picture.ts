import type { Probe } from "./probe-picture.ts";
import { workBytes } from "./work-bytes.ts";

/** The input that a provider accepts; see provider-kit's `AcceptedInput`. */
export interface Accepts {
  readonly contentTypes: readonly string[];
  readonly maxBytes: number;
  readonly minSidePx: number;
  readonly maxSidePx: number;
}

export type ConvertedType = "image/jpeg" | "image/png";

/** How a picture must be processed before it is sent to a provider. */
export type PicturePlan =
  | { readonly kind: "as-is" }
  | ConversionPlan
  | {
      readonly kind: "refuse";
      readonly code: "invalid_image" | "unsupported_format" | "too_large" | "too_small";
      /** The problem, and how to fix it. */
      readonly message: string;
    };

export interface ConversionPlan {
  readonly kind: "convert";
  /** The format to send: usually JPEG, or PNG if transparency would be lost. */
  readonly to: readonly ConvertedType[];
  /** Size of the picture that is sent. */
  readonly width: number;
  readonly height: number;
  /** Reasons why the picture cannot be sent unchanged. */
  readonly reasons: readonly string[];
  /** Peak memory of the work, for a `MemoryBudget`. */
  readonly workBytes: number;
}

/** Limit of a file's size. A larger file is not a portrait, and would have to be read completely. */
const MOST_FILE_BYTES = 150_000_000;
/**
 * Maximum number of pixels, more than the largest cameras produce. A larger picture is rejected as a decompression
 * bomb.
 */
const MOST_PIXELS = 160_000_000;
/** The same limit for formats that can only be decoded as a whole. */
const MOST_PIXELS_WHOLE = 64_000_000;
const DECODED_WHOLE = new Set(["image/heic", "image/avif", "image/webp", "image/gif"]);

const MEGABYTE = 1_000_000;

/** Returns the maximum number of pixels that Darkroom decodes, by format. */
export function mostPixels(contentType: string): number {
  return DECODED_WHOLE.has(contentType) ? MOST_PIXELS_WHOLE : MOST_PIXELS;
}

/**
 * Decides by a picture's header whether it can be sent unchanged, must be converted, or cannot be used.
 *
 * @param isCut true if the picture looks cut (see `looksCut`), so that only the conversion can determine whether it is
 *   usable
 */
export function planPicture(probe: Probe, accepts: Accepts, isCut = false): PicturePlan {
  if (probe.kind === "not_a_picture") return refuse(probe.code, probe.message);
  if (probe.kind === "need_more") {
    return refuse("invalid_image", "the picture's header is too long to read; save the picture anew");
  }
  const { contentType, width, height, sizeBytes, traits } = probe;
  const size = `${width} × ${height} px`;
  if (Math.min(width, height) < accepts.minSidePx) {
    return refuse("too_small", `the picture has ${size}; each side must have at least ${accepts.minSidePx} px`);
  }
  const reasons = reasonsOf(probe, accepts, isCut);
  if (reasons.length === 0) return { kind: "as-is" };
  const makes = (["image/jpeg", "image/png"] as const).filter((type) => accepts.contentTypes.includes(type));
  // Only a transparent picture justifies the size of a PNG.
  const to = traits.hasAlpha ? makes : makes.slice(0, 1);
  if (to.length === 0) {
    const taken = accepts.contentTypes.map(nameOf).join(", ");
    const message = `the picture is ${nameOf(contentType)}; the provider accepts ${taken}: save it as one of these`;
    return refuse("unsupported_format", message);
  }
  if (sizeBytes > MOST_FILE_BYTES) {
    const message = `the file has ${megabytes(sizeBytes)}; the maximum is ${megabytes(MOST_FILE_BYTES)}: save the picture as JPEG`;
    return refuse("too_large", message);
  }
  if (width * height > mostPixels(contentType)) {
    const most = Math.floor(mostPixels(contentType) / MEGABYTE);
    const message = `the picture has ${size}; the maximum for ${nameOf(contentType)} is ${most} megapixels: make it smaller`;
    return refuse("too_large", message);
  }
  const scale = Math.min(1, accepts.maxSidePx / Math.max(width, height));
  const sent = { width: Math.round(width * scale), height: Math.round(height * scale) };
  if (Math.min(sent.width, sent.height) < accepts.minSidePx) {
    const message = `the picture has ${size}; no side may have more than ${accepts.maxSidePx} px, and scaled down to that its other side would have less than ${accepts.minSidePx} px: crop it`;
    return refuse("too_large", message);
  }
  return { kind: "convert", to, ...sent, reasons, workBytes: workBytes(probe) };
}

/** Explains why a provider could not reliably use the picture unchanged. */
function reasonsOf(probe: Probe & { readonly kind: "picture" }, accepts: Accepts, isCut: boolean): readonly string[] {
  const { contentType, width, height, sizeBytes, traits } = probe;
  const reasons: readonly (string | false)[] = [
    !accepts.contentTypes.includes(contentType) && `it is ${nameOf(contentType)}`,
    Math.max(width, height) > accepts.maxSidePx && `a side has more than ${accepts.maxSidePx} px`,
    sizeBytes > accepts.maxBytes && `it has more than ${megabytes(accepts.maxBytes)}`,
    // Image models rarely honour EXIF, so a rotated portrait would come back sideways.
    traits.orientation !== 1 && "it is rotated only by its EXIF orientation",
    traits.colour === "grey" && "it has no colours",
    traits.colour === "cmyk" && "its colours are for print (CMYK)",
    traits.colour === "other" && "its colours are not RGB",
    traits.hasForeignProfile && "its colour profile is not sRGB",
    traits.bitsPerChannel !== 8 && "it has more than 8 bits a channel",
    traits.isAnimated && "it has several frames",
    isCut && "its end seems to be missing",
  ];
  return reasons.filter((reason) => reason !== false);
}

function refuse(code: Extract<PicturePlan, { kind: "refuse" }>["code"], message: string): PicturePlan {
  return { kind: "refuse", code, message };
}

/** Returns the common name of a MIME type, such as JPEG for "image/jpeg". */
function nameOf(contentType: string): string {
  return contentType === "image/webp" ? "WebP" : contentType.replace("image/", "").toUpperCase();
}

function megabytes(bytes: number): string {
  return `${Number((bytes / MEGABYTE).toFixed(1))} MB`;
}
