import sharp from "sharp";
import { keptExif } from "./kept-exif.ts";
import { MOST_PIXELS } from "./decode-limits.ts";
import { thumbnailOf, type Thumbnail } from "./thumbnail.ts";

/** The parts of a source that are compared with its results or kept in them. */
export interface SourceLook {
  /** Upright size, with the EXIF orientation applied. */
  readonly width: number;
  readonly height: number;
  /** The file, kept in memory while the results are checked. */
  readonly bytes?: Uint8Array;
  /** Absent for formats that this function does not decode (HEIC). */
  readonly thumbnail?: Thumbnail;
  /** The kept part of the source's EXIF; see {@link keptExif}. */
  readonly exif?: Buffer;
  /** The source's colour profile, if it is an RGB profile. */
  readonly icc?: Buffer;
}

/** The colour space of an ICC profile (ICC.1, 7.2.6). */
const ICC_SPACE = { start: 16, end: 20 } as const;

/** Reads a source again when its result has arrived. Returns undefined if the source is unreadable. */
export async function lookAtSource(bytes: Uint8Array): Promise<SourceLook | undefined> {
  try {
    const { autoOrient, exif, icc } = await sharp(bytes, {
      failOn: "none",
      limitInputPixels: MOST_PIXELS,
    }).metadata();
    const thumbnail = await thumbnailOf(bytes).catch(() => undefined);
    const kept = exif === undefined ? undefined : keptExif(exif);
    const isRgb = icc?.toString("latin1", ICC_SPACE.start, ICC_SPACE.end) === "RGB ";
    return {
      width: autoOrient.width,
      height: autoOrient.height,
      bytes,
      ...(thumbnail === undefined ? {} : { thumbnail }),
      ...(kept === undefined ? {} : { exif: kept }),
      ...(icc === undefined || !isRgb ? {} : { icc }),
    };
  } catch {
    return undefined;
  }
}
