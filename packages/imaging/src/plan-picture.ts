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

/** What must happen to a picture before it is sent to a provider. */
export type PicturePlan =
  | { readonly kind: "as-is" }
  | ConversionPlan
  | {
      readonly kind: "refuse";
      readonly code: "invalid_image" | "unsupported_format" | "too_large" | "too_small";
      /** What is wrong and what to do. */
      readonly message: string;
    };

export interface ConversionPlan {
  readonly kind: "convert";
  /** The format to send: JPEG usually, PNG if transparency would be lost. */
  readonly to: readonly ConvertedType[];
  /** Size of the picture that is sent. */
  readonly width: number;
  readonly height: number;
  /** Why it cannot be sent unchanged, as text. */
  readonly reasons: readonly string[];
  /** Peak memory of the work, for a `MemoryBudget`. */
  readonly workBytes: number;
}

/** A larger file is not a portrait, and would be read whole. */
const MOST_FILE_BYTES = 150_000_000;
/** More pixels than the largest cameras produce: counts as a decompression bomb. */
const MOST_PIXELS = 160_000_000;
/** The same for formats that can only be decoded whole. */
const MOST_PIXELS_WHOLE = 64_000_000;
const DECODED_WHOLE = new Set(["image/heic", "image/avif", "image/webp", "image/gif"]);

const MEGABYTE = 1_000_000;

/** Maximum number of pixels that are decoded here, by format. */
export function mostPixels(contentType: string): number {
  return DECODED_WHOLE.has(contentType) ? MOST_PIXELS_WHOLE : MOST_PIXELS;
}

/**
 * Decides by its header whether a picture can be sent unchanged, must be converted, or cannot be used.
 *
 * @param isCut it looks cut (see `looksCut`), so converting it determines whether it can be used
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

/** Why a provider could not reliably use the picture unchanged. */
function reasonsOf(probe: Probe & { readonly kind: "picture" }, accepts: Accepts, isCut: boolean): readonly string[] {
  const { contentType, width, height, sizeBytes, traits } = probe;
  const reasons: readonly (string | false)[] = [
    !accepts.contentTypes.includes(contentType) && `it is ${nameOf(contentType)}`,
    Math.max(width, height) > accepts.maxSidePx && `a side has more than ${accepts.maxSidePx} px`,
    sizeBytes > accepts.maxBytes && `it has more than ${megabytes(accepts.maxBytes)}`,
    // Image models rarely honour EXIF: a rotated portrait would come back lying on its side.
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

/** The common name of a MIME type, such as JPEG for "image/jpeg". */
function nameOf(contentType: string): string {
  return contentType === "image/webp" ? "WebP" : contentType.replace("image/", "").toUpperCase();
}

function megabytes(bytes: number): string {
  return `${Number((bytes / MEGABYTE).toFixed(1))} MB`;
}
