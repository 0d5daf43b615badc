import sharp from "sharp";
import { keptExif } from "./kept-exif.ts";
import { MOST_PIXELS } from "./decode-limits.ts";
import { thumbnailOf, type Thumbnail } from "./thumbnail.ts";

/** The parts of a source that its results are compared with or keep. */
export interface SourceLook {
  /** As seen, with the EXIF orientation applied. */
  readonly width: number;
  readonly height: number;
  /** The file, held while its results are checked. */
  readonly bytes?: Uint8Array;
  /** Absent for formats that are not decoded here (HEIC). */
  readonly thumbnail?: Thumbnail;
  /** The kept part of its EXIF; see {@link keptExif}. */
  readonly exif?: Buffer;
  /** Its colour profile, if that is an RGB profile. */
  readonly icc?: Buffer;
}

/** The colour space of an ICC profile (ICC.1, 7.2.6). */
const ICC_SPACE = { start: 16, end: 20 } as const;

/** Reads a source again when its result has arrived. Undefined if it is unreadable. */
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
