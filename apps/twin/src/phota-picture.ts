import { createHash } from "node:crypto";
import decode from "heic-decode";
import sharp from "sharp";
import type { PictureDesk } from "./picture-desk.ts";
import type { PictureOutput } from "./picture-output.ts";
import type { PhotaRequest } from "./phota-request.ts";
import { portraitName } from "./portrait-name.ts";
import type { ResultStore } from "./result-store.ts";
import type { UploadStore } from "./upload-store.ts";
import { fetchSource, type SourceImage, type SourceRules } from "./source-image.ts";

/** Side length to which larger pictures are resized, in px (provider contract B). */
const MAX_SIDE_PX = 4_096;
const FORMATS: ReadonlySet<string> = new Set(["jpeg", "png", "webp", "heif"]);
/** Brightness difference between consecutive variations. */
const VARIATION_STEP = 0.03;

const isUrl = (image: string): boolean => /^https?:\/\//i.test(image);

/** Names a picture after its URL, or after its bytes if it came within the request. */
export function nameOfImage(image: string, results: ResultStore, uploads: UploadStore): string {
  if (isUrl(image)) return portraitName(image, results, uploads);
  return `bytes/${createHash("sha256").update(Buffer.from(image, "base64")).digest("hex").slice(0, 16)}`;
}

/** A refusal is a message for `detail`. It never contains the URL. */
export type LoadedPicture =
  | { readonly ok: true; readonly source: SourceImage }
  | { readonly ok: false; readonly message: string };

/** Loads the picture at the URL or in the base64 text, resized to the provider's maximum. */
export async function loadPicture(image: string, rules: SourceRules): Promise<LoadedPicture> {
  const fetched = isUrl(image) ? await fetchSource(image, rules) : readBase64(image, rules.maxBytes);
  if (!fetched.ok) return fetched;
  try {
    const { format, width, height, compression } = await sharp(fetched.bytes).metadata();
    if (!FORMATS.has(format)) return { ok: false, message: `Invalid image: format ${format} is not supported` };
    if (format === "heif" && compression === "hevc") return { ok: true, source: await fromHeic(fetched.bytes) };
    if (Math.max(width, height) <= MAX_SIDE_PX) return { ok: true, source: { bytes: fetched.bytes, format } };
    const smaller = sharp(fetched.bytes)
      .autoOrient()
      .resize({ width: MAX_SIDE_PX, height: MAX_SIDE_PX, fit: "inside" });
    const bytes = await (format === "png" ? smaller.png() : smaller.jpeg({ quality: 95 })).toBuffer();
    return { ok: true, source: { bytes, format: format === "png" ? "png" : "jpeg" } };
  } catch {
    return { ok: false, message: "Invalid image: the picture cannot be decoded" };
  }
}

/** Sharp has no HEVC decoder. This decoder blocks the process while it works, which is acceptable for a simulator. */
async function fromHeic(bytes: Buffer): Promise<SourceImage> {
  const { width, height, data } = await decode({ buffer: bytes });
  const picture = sharp(data, { raw: { width, height, channels: 4 } })
    .removeAlpha()
    .resize({ width: MAX_SIDE_PX, height: MAX_SIDE_PX, fit: "inside", withoutEnlargement: true });
  return { bytes: await picture.jpeg({ quality: 95 }).toBuffer(), format: "jpeg" };
}

function readBase64(
  text: string,
  maxBytes: number,
): { readonly ok: true; readonly bytes: Buffer } | { readonly ok: false; readonly message: string } {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) {
    return { ok: false, message: "Invalid image: neither a URL nor raw base64" };
  }
  const bytes = Buffer.from(text, "base64");
  if (bytes.length > maxBytes) return { ok: false, message: `Invalid image: larger than ${maxBytes} bytes` };
  return { ok: true, bytes };
}

/** Makes the requested number of pictures. Each variation is slightly lighter than the one before. */
export async function makePictures(
  desk: PictureDesk,
  source: SourceImage,
  request: PhotaRequest,
): Promise<readonly PictureOutput[]> {
  const made = await desk.work(source, request.prompt ?? "");
  return await Promise.all(
    Array.from({ length: request.num_output_images }, (_, index) => asVariation(made, index, request.output_format)),
  );
}

async function asVariation(made: PictureOutput, index: number, format: "png" | "jpg"): Promise<PictureOutput> {
  if (index === 0 && made.extension === format) return made;
  const varied = sharp(made.bytes).linear(1, 255 * VARIATION_STEP * index);
  const bytes = await (format === "png" ? varied.png() : varied.flatten().jpeg({ quality: 92 })).toBuffer();
  return { bytes, contentType: format === "png" ? "image/png" : "image/jpeg", extension: format };
}
