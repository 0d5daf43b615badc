import { z } from "zod";

const level = z.number().min(0).max(1);

/** Schema of {@link PictureStats} from an object's metadata or the report. */
export const pictureStatsSchema = z.object({
  exposureEv: z.number(),
  warmthEv: z.number(),
  tintEv: z.number(),
  contrast: level,
  sharpness: z.number(),
  background: level,
  headShare: level.exactOptional(),
});

/**
 * Statistics of one result, which are compared within a team. All except the background are weighted towards the usual
 * position of a face.
 */
export interface PictureStats {
  /** Mean luminance in stops (EV) relative to middle grey: log2 of linear luminance / 0.18. */
  readonly exposureEv: number;
  /** White balance, warm (+) to cool (-): log2 of mean linear red / blue. */
  readonly warmthEv: number;
  /** Tint, magenta (+) to green (-): log2 of the mean of linear red and blue / green. */
  readonly tintEv: number;
  /** Standard deviation of the lightness, 0 to 1. */
  readonly contrast: number;
  /** Strength of the edges at a fixed size relative to the contrast, as log2: a difference of 1 is a factor of 2. */
  readonly sharpness: number;
  /** Mean lightness of the picture's upper corners, 0 to 1. */
  readonly background: number;
  /** Height of the face / height of the picture, if a face was found. */
  readonly headShare?: number;
}

/** Formats statistics for a result's metadata. */
export function pictureStatsText(stats: PictureStats): string {
  return JSON.stringify(stats);
}

/** Parses statistics from a result's metadata; undefined if they are absent or invalid. */
export function parsePictureStats(text: string | undefined): PictureStats | undefined {
  if (text === undefined) return undefined;
  try {
    return pictureStatsSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
