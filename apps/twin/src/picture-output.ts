import sharp from "sharp";
import type { Fault } from "./fault.ts";
import type { SourceImage } from "./source-image.ts";

export interface PictureOutput {
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly extension: string;
}

/** The header of an MP4 file, by which readers recognize that it is not a picture. */
const VIDEO = Buffer.concat([
  Buffer.from([0, 0, 0, 24]),
  Buffer.from("ftypisom\u0000\u0000\u0002\u0000isommp41", "latin1"),
  Buffer.alloc(2_048, 7),
]);

/** JPEG quality of a source that is returned re-encoded. */
const REENCODED_QUALITY = 80;

/** Returns the content of the CDN's file; undefined if the URL must not exist. */
export async function spoil(
  picture: PictureOutput,
  source: SourceImage,
  output: Extract<Fault, { kind: "bad_output" }>["output"],
): Promise<PictureOutput | undefined> {
  switch (output) {
    case "missing":
      return undefined;
    case "corrupt": {
      // The first bytes are those of a JPEG or PNG, followed by noise.
      const bytes = Buffer.from(picture.bytes.subarray(0, Math.max(64, picture.bytes.length >> 1)));
      for (let at = 24; at < bytes.length; at += 1) bytes[at] = (at * 197 + 89) & 0xff;
      return { ...picture, bytes };
    }
    case "unchanged":
      return {
        bytes: source.bytes,
        contentType: `image/${source.format}`,
        extension: source.format === "jpeg" ? "jpg" : source.format,
      };
    case "unchanged_reencoded": {
      const bytes = await sharp(source.bytes).autoOrient().jpeg({ quality: REENCODED_QUALITY }).toBuffer();
      return { bytes, contentType: "image/jpeg", extension: "jpg" };
    }
    case "blank": {
      const { width, height } = await sharp(picture.bytes).metadata();
      const bytes = await sharp({ create: { width, height, channels: 3, background: "#000000" } })
        .jpeg()
        .toBuffer();
      return { bytes, contentType: "image/jpeg", extension: "jpg" };
    }
    case "video":
      return { bytes: VIDEO, contentType: "video/mp4", extension: "mp4" };
    default:
      return output satisfies never;
  }
}
