import sharp from "sharp";
import { messageOf } from "@darkroom/core";
import { sniffContent } from "./sniff-content.ts";
import { webpSize } from "./webp-size.ts";

/** What the first bytes of a file tell. */
export type Probe =
  | {
      readonly kind: "picture";
      /** MIME type, by content. */
      readonly contentType: string;
      /** As seen, with the EXIF orientation applied; a WebP's counts only when all of the file was given. */
      readonly width: number;
      readonly height: number;
      /** The whole file's. */
      readonly sizeBytes: number;
    }
  /** The header is longer than what was given; so many bytes may hold it. */
  | { readonly kind: "need_more"; readonly bytes: number; readonly contentType: string }
  | { readonly kind: "not_a_picture"; readonly message: string };

/**
 * Looks at a picture's header without decoding it.
 *
 * @param firstBytes the file's beginning, 64 KiB or more where the file has them
 * @param sizeBytes of the whole file
 */
export async function probePicture(firstBytes: Uint8Array, sizeBytes: number): Promise<Probe> {
  const content = sniffContent(firstBytes);
  if (content.kind === "other") return { kind: "not_a_picture", message: content.message };
  const { contentType } = content;
  try {
    const { width, height, autoOrient } = await sharp(firstBytes, { failOn: "none" }).metadata();
    const seen = autoOrient ?? { width, height };
    return { kind: "picture", contentType, width: seen.width, height: seen.height, sizeBytes };
  } catch (error) {
    if (firstBytes.length >= sizeBytes) {
      return { kind: "not_a_picture", message: `the picture's header cannot be read: ${messageOf(error)}` };
    }
    const size = contentType === "image/webp" ? webpSize(firstBytes) : undefined;
    if (size !== undefined) return { kind: "picture", contentType, ...size, sizeBytes };
    return { kind: "need_more", bytes: Math.min(sizeBytes, firstBytes.length * 8), contentType };
  }
}
