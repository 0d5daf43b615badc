import sharp, { type Metadata, type Sharp } from "sharp";
import { messageOf, type C2paFate, type PictureStats } from "@darkroom/core";
import { aiMarks, MADE_WITH_AI, xmpOf } from "./ai-marks.ts";
import { checkResult, DEFAULT_LEAST_SHARE, sizeFault, type ResultFault, type ResultSeen } from "./check-result.ts";
import { MOST_PIXELS } from "./decode-limits.ts";
import type { SourceLook } from "./look-at-source.ts";
import { lostProfile } from "./lost-profile.ts";
import { statsOfThumbnail } from "./picture-stats.ts";
import { sniffContent } from "./sniff-content.ts";
import { thumbnailOf, type Thumbnail } from "./thumbnail.ts";
import { withMetadata, type ResultFormat } from "./with-metadata.ts";

export interface FinishRequest {
  readonly resultBytes: Uint8Array;
  /** Facts about the source, at least its upright size. Absent when the source is gone. */
  readonly source?: SourceLook;
  readonly wishedFormat: ResultFormat;
  /** Minimum size of the result's sides, as a share of the source's. Defaults to one half. */
  readonly leastShare?: number | undefined;
  /** True to measure the result too, unless its colours change. Defaults to false. */
  readonly measure?: boolean;
}

export type FinishedResult =
  | (ResultSeen & {
      readonly ok: true;
      readonly bytes: Uint8Array;
      readonly contentType: string;
      readonly width: number;
      readonly height: number;
      /** The fate of the C2PA manifest. If none is kept, the file's XMP declares that it was made with AI. */
      readonly c2pa: C2paFate;
      /** A small version of the picture. Absent if its colours changed after it was decoded. */
      readonly thumbnail?: Thumbnail;
      /** The statistics of the provider's picture, which a re-encoding changes slightly. */
      readonly stats?: PictureStats;
    })
  | (ResultFault & { readonly ok: false });

export const CONTENT_TYPES = { jpeg: "image/jpeg", png: "image/png", webp: "image/webp" } as const;

const corrupt = (message: string): FinishedResult => ({ ok: false, code: "corrupt_output", message });

/**
 * Checks a provider's result and prepares it for storage: decoded once, compared with its source, upright, in the
 * requested format, with no metadata except the colour profile, the parts of the source's metadata to keep, and what says
 * that it was made with AI. Valid pixels are kept bit for bit.
 */
export async function finishResult(request: FinishRequest): Promise<FinishedResult> {
  const { resultBytes, source, wishedFormat, leastShare = DEFAULT_LEAST_SHARE, measure = false } = request;
  const content = sniffContent(resultBytes);
  if (content.kind === "other") return corrupt(`the provider's result cannot be used: ${content.message}`);
  const contentType = CONTENT_TYPES[wishedFormat];
  try {
    const input = sharp(resultBytes, { failOn: "error", limitInputPixels: MOST_PIXELS });
    const metadata = await input.metadata();
    const { width, height } = metadata.autoOrient;
    const tooSmall = source === undefined ? undefined : sizeFault(source, { width, height }, leastShare);
    if (tooSmall !== undefined) return { ok: false, ...tooSmall };
    // With another profile, the same values are different colours, so the finished file is measured.
    const mayGetProfile = source?.icc !== undefined && metadata.icc === undefined;
    const thumbnail = await thumbnailOf(resultBytes, { strict: true });
    const seen = await checkResult({ bytes: resultBytes, width, height, thumbnail }, source);
    if ("code" in seen) return { ok: false, ...seen };
    const icc = source !== undefined && mayGetProfile ? await lostProfile(thumbnail, source) : undefined;
    const marks = aiMarks(resultBytes);
    const carried = { exif: source?.exif, icc, xmp: xmpOf(marks.sourceType ?? MADE_WITH_AI) };
    const isRight = content.contentType === contentType && isPlain(metadata);
    const isWhole = isRight && icc === undefined && marks.hasManifest && marks.isHarmless;
    // A manifest is signed for the whole file, so it stays only if nothing else has to go or to be added.
    const kept = isWhole ? stripped(resultBytes, wishedFormat, { keepsMarks: true }) : undefined;
    const c2pa = kept === resultBytes ? "kept" : marks.hasManifest ? "lost" : "absent";
    const bytes =
      (kept === resultBytes ? kept : undefined) ??
      (isRight ? stripped(resultBytes, wishedFormat, carried) : undefined) ??
      withMetadata(await encoded(input, metadata, wishedFormat), wishedFormat, carried);
    const stats = measure && !mayGetProfile ? await statsOfThumbnail(thumbnail, { width, height }) : undefined;
    return {
      ok: true,
      bytes,
      contentType,
      width,
      height,
      c2pa,
      ...seen,
      ...(mayGetProfile ? {} : { thumbnail }),
      ...(stats === undefined ? {} : { stats }),
    };
  } catch (error) {
    return corrupt(`the provider's picture cannot be decoded: ${messageOf(error)}`);
  }
}

/** True for a picture that is upright and in colours that every viewer shows. */
function isPlain({ orientation = 1, space }: Metadata): boolean {
  return orientation === 1 && space !== "cmyk";
}

/** Returns undefined for a file that can be decoded but has inconsistent parts, so that it is re-encoded. */
function stripped(
  bytes: Uint8Array,
  format: ResultFormat,
  carried: Parameters<typeof withMetadata>[2],
): Uint8Array | undefined {
  try {
    return withMetadata(bytes, format, carried);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

async function encoded(input: Sharp, { space }: Metadata, format: ResultFormat): Promise<Buffer> {
  const turned = input.autoOrient();
  // A profile for another colour space would no longer fit.
  const upright = space === "cmyk" ? turned.toColourspace("srgb") : turned.keepIccProfile();
  switch (format) {
    case "jpeg":
      return await upright
        .flatten({ background: "#ffffff" })
        .jpeg({ quality: 95, chromaSubsampling: "4:4:4" })
        .toBuffer();
    case "png":
      return await upright.png().toBuffer();
    case "webp":
      return await upright.webp({ quality: 95 }).toBuffer();
  }
  return format satisfies never;
}
