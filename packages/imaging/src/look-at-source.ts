import sharp from "sharp";
import { keptExif } from "./kept-exif.ts";
import { MOST_PIXELS } from "./decode-limits.ts";
import { thumbnailOf, type Thumbnail } from "./thumbnail.ts";

/** What a source's results are compared with, and what they take over from it. */
export interface SourceLook {
  /** As seen, with the EXIF orientation applied. */
  readonly width: number;
  readonly height: number;
  /** The file, held for as long as its results are looked at. */
  readonly bytes?: Uint8Array;
  /** Absent where the source is of a kind that is not decoded here (HEIC). */
  readonly thumbnail?: Thumbnail;
  /** The wanted part of its EXIF; see {@link keptExif}. */
  readonly exif?: Buffer;
  /** Its colour profile, where that is one of RGB. */
  readonly icc?: Buffer;
}

/** The colour space that an ICC profile is of (ICC.1, 7.2.6). */
const ICC_SPACE = { start: 16, end: 20 } as const;

/** Looks at a source once more, when its result is there. Undefined where nothing can be read of it. */
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
