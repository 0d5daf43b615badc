import sharp, { type Sharp } from "sharp";
import { isDarkroomError } from "@darkroom/core";
import { brokenPicture } from "./broken-picture.ts";
import { decodeHeic, HEIC_LIMITS, type HeicLimits } from "./decode-heic.ts";
import { isSrgbProfile } from "./icc-profile.ts";
import { JPEG_END, LAST_BYTES, looksCut } from "./looks-cut.ts";
import { mostPixels, type Accepts, type ConversionPlan, type ConvertedType } from "./plan-picture.ts";
import { sniffContent } from "./sniff-content.ts";
import { toldProfile, withProfile } from "./told-profile.ts";
import { uncompressedTiff } from "./uncompressed-tiff.ts";
import "./sharp-settings.ts";

export type ConvertedPicture =
  | {
      readonly ok: true;
      readonly bytes: Uint8Array;
      readonly contentType: ConvertedType;
      readonly width: number;
      readonly height: number;
    }
  | { readonly ok: false; readonly code: "invalid_image" | "too_large"; readonly message: string };

/**
 * JPEG qualities. The first one whose file is small enough is used. Below the last one, artefacts become visible on
 * skin.
 */
const JPEG_QUALITIES = [95, 92] as const;
/** Maximum number of times that a file which is still too large is scaled down. */
const MOST_SCALINGS = 4;
/** Safety margin, because bytes do not shrink quite in proportion to pixels. */
const SCALING_MARGIN = 0.95;

/**
 * Converts a picture to the input that a provider accepts: upright, 8-bit sRGB, first frame only, without EXIF, within
 * the limits; JPEG, or PNG if transparent. Needs the plan's `workBytes` of memory.
 *
 * @param heicLimits limits of the HEIC decoding thread. Defaults to {@link HEIC_LIMITS}
 * @throws DarkroomError `internal` if the decoder failed for a reason other than the picture
 */
export async function convertPicture(
  bytes: Uint8Array,
  plan: ConversionPlan,
  accepts: Pick<Accepts, "maxBytes">,
  heicLimits = HEIC_LIMITS,
): Promise<ConvertedPicture> {
  try {
    return await convert(bytes, "error", plan, accepts, heicLimits);
  } catch (error) {
    // A Darkroom error does not mean that the picture is broken.
    if (isDarkroomError(error)) throw error;
    const ended = withJpegEnd(bytes);
    // Only the end mark may be missing, because the decoder reports any other missing data as a warning.
    const repaired =
      ended === undefined
        ? undefined
        : await convert(ended, "warning", plan, accepts, heicLimits).catch(() => undefined);
    return repaired ?? { ok: false, code: "invalid_image", message: brokenPicture(error) };
  }
}

/** Returns a JPEG without an end mark with the mark appended; undefined for all other files. */
function withJpegEnd(bytes: Uint8Array): Uint8Array | undefined {
  const isCut = looksCut("image/jpeg", bytes.subarray(0, LAST_BYTES), bytes.subarray(-LAST_BYTES), bytes.length);
  return contentTypeOf(bytes) === "image/jpeg" && isCut ? Buffer.concat([bytes, JPEG_END]) : undefined;
}

async function convert(
  bytes: Uint8Array,
  failOn: "error" | "warning",
  plan: ConversionPlan,
  accepts: Pick<Accepts, "maxBytes">,
  heicLimits: HeicLimits,
): Promise<ConvertedPicture> {
  const open = await opener(bytes, failOn, heicLimits);
  const contentType = await typeFor(open, plan.to);
  let { width, height } = plan;
  for (let scalings = 0; scalings <= MOST_SCALINGS; scalings += 1) {
    const resized = (): Sharp => open().resize({ width, height, fit: "fill" }).toColourspace("srgb");
    const encoded = await encode(resized, contentType, accepts.maxBytes);
    if (encoded.length <= accepts.maxBytes) return { ok: true, bytes: encoded, contentType, width, height };
    const scale = Math.sqrt(accepts.maxBytes / encoded.length) * SCALING_MARGIN;
    [width, height] = [Math.round(width * scale), Math.round(height * scale)];
  }
  return { ok: false, code: "too_large", message: "the picture could not be made small enough; save it as JPEG" };
}

function contentTypeOf(bytes: Uint8Array): string {
  const content = sniffContent(bytes);
  return content.kind === "picture" ? content.contentType : "";
}

/** Returns a function that opens the upright picture and may be called repeatedly. */
async function opener(bytes: Uint8Array, failOn: "error" | "warning", heicLimits: HeicLimits): Promise<() => Sharp> {
  const contentType = contentTypeOf(bytes);
  const strict = { failOn, limitInputPixels: mostPixels(contentType) } as const;
  const { icc, exif } = await sharp(bytes, strict).metadata();
  if (contentType !== "image/heic") {
    const told = icc === undefined ? toldProfile(contentType, bytes, exif) : undefined;
    const plain = told === undefined ? bytes : withProfile(contentType, bytes, told);
    return () => sharp(plain, strict).autoOrient();
  }
  const { width, height, data } = await decodeHeic(bytes, heicLimits);
  // The HEIC decoder applies the orientation and keeps the colours in the file's own profile.
  if (icc === undefined || isSrgbProfile(icc)) {
    return () => sharp(data, { raw: { width, height, channels: 4 } }).removeAlpha();
  }
  const profiled = uncompressedTiff({ width, height, data }, icc);
  return () => sharp(profiled, strict).removeAlpha();
}

async function typeFor(open: () => Sharp, to: readonly ConvertedType[]): Promise<ConvertedType> {
  const [first = "image/jpeg"] = to;
  if (!to.includes("image/png") || first === "image/png") return first;
  const { hasAlpha } = await open().metadata();
  // A fully opaque alpha channel, as most are, is ignored.
  return hasAlpha && !(await open().stats()).isOpaque ? "image/png" : first;
}

async function encode(open: () => Sharp, contentType: ConvertedType, maxBytes: number): Promise<Buffer> {
  if (contentType === "image/png") return await open().png().toBuffer();
  let encoded = Buffer.alloc(0);
  for (const quality of JPEG_QUALITIES) {
    const flat = open().flatten({ background: "#ffffff" });
    encoded = await flat.jpeg({ quality, chromaSubsampling: "4:4:4", optimiseCoding: false }).toBuffer();
    if (encoded.length <= maxBytes) break;
  }
  return encoded;
}
