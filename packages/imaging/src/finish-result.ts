import sharp, { type Metadata } from "sharp";
import { messageOf } from "@darkroom/core";
import { sniffContent } from "./sniff-content.ts";

export type ResultFormat = "jpeg" | "png" | "webp";

export interface FinishRequest {
  readonly resultBytes: Uint8Array;
  /** The source's size as seen; absent when the source is gone. */
  readonly source?: { readonly width: number; readonly height: number };
  readonly wishedFormat: ResultFormat;
}

export type FinishedResult =
  | {
      readonly ok: true;
      readonly bytes: Uint8Array;
      readonly contentType: string;
      readonly width: number;
      readonly height: number;
    }
  | { readonly ok: false; readonly code: "corrupt_output"; readonly message: string };

/** A picture of more pixels than this is taken for a decompression bomb. */
const MOST_PIXELS = 200_000_000;
/** A result whose sides are less than this share of the source's is not what was ordered. */
const LEAST_SHARE = 0.5;

const CONTENT_TYPES = { jpeg: "image/jpeg", png: "image/png", webp: "image/webp" } as const;

// A worker's parallelism is its portraits; more threads for one picture would only get in their way.
sharp.concurrency(1);

const corrupt = (message: string): FinishedResult => ({ ok: false, code: "corrupt_output", message });

/**
 * Looks at what a provider gave and makes it fit to store: decoded whole once, upright, in the wished format, without
 * GPS. Bytes that are right already are kept as they are.
 */
export async function finishResult(request: FinishRequest): Promise<FinishedResult> {
  const { resultBytes, source, wishedFormat } = request;
  const content = sniffContent(resultBytes);
  if (content.kind === "other") return corrupt(`what the provider gave cannot be used: ${content.message}`);
  const contentType = CONTENT_TYPES[wishedFormat];
  try {
    const input = sharp(resultBytes, { failOn: "error", limitInputPixels: MOST_PIXELS });
    const metadata = await input.metadata();
    const { width, height } = metadata.autoOrient;
    if (source !== undefined && !isLargeEnough(source, { width, height })) {
      return corrupt(
        `the provider's picture has ${width} × ${height} px, less than half of the source's ${source.width} × ${source.height} px`,
      );
    }
    if (content.contentType === contentType && !tellsMore(metadata)) {
      // Reads all of the data, and fails where it is broken, without holding all of the pixels.
      await input.resize(8).raw().toBuffer();
      return { ok: true, bytes: resultBytes, contentType, width, height };
    }
    const upright = input.autoOrient().keepIccProfile();
    const encoded = await (
      wishedFormat === "jpeg"
        ? upright.flatten({ background: "#ffffff" }).jpeg({ quality: 95, chromaSubsampling: "4:4:4" })
        : wishedFormat === "png"
          ? upright.png()
          : upright.webp({ quality: 95 })
    ).toBuffer();
    return { ok: true, bytes: encoded, contentType, width, height };
  } catch (error) {
    return corrupt(`the provider's picture cannot be decoded: ${messageOf(error)}`);
  }
}

/** True for a turned picture, and where there may be a place, a name or a comment beside the pixels. */
function tellsMore({ orientation = 1, exif, xmp, iptc, comments = [] }: Metadata): boolean {
  return orientation !== 1 || exif !== undefined || xmp !== undefined || iptc !== undefined || comments.length > 0;
}

function isLargeEnough(source: { width: number; height: number }, result: { width: number; height: number }): boolean {
  const short = Math.min(result.width, result.height) >= Math.min(source.width, source.height) * LEAST_SHARE;
  return short && Math.max(result.width, result.height) >= Math.max(source.width, source.height) * LEAST_SHARE;
}
