import { z } from "zod";

const level = z.number().min(0).max(1);

/** What {@link PictureStats} look like where they come from outside: an object's metadata, the report. */
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
 * Small statistics of one result, by which a team's portraits are compared. All but the background are weighted towards
 * the place where a portrait has its face.
 */
export interface PictureStats {
  /** Mean luminance, as stops (EV) against middle grey: the base-2 logarithm of linear luminance / 0.18. */
  readonly exposureEv: number;
  /** White balance, warm (+) to cool (-): the base-2 logarithm of mean linear red / blue. */
  readonly warmthEv: number;
  /** Tint, magenta (+) to green (-): the base-2 logarithm of the mean of linear red and blue / green. */
  readonly tintEv: number;
  /** Standard deviation of the lightness, 0 to 1. */
  readonly contrast: number;
  /** Strength of the edges at a fixed size against the contrast, as a base-2 logarithm: one less is half as sharp. */
  readonly sharpness: number;
  /** Mean lightness of the picture's upper corners, 0 to 1. */
  readonly background: number;
  /** Height of the face / height of the picture, where a face was found. */
  readonly headShare?: number;
}

/** Statistics as the text of a result's metadata. */
export function pictureStatsText(stats: PictureStats): string {
  return JSON.stringify(stats);
}

/** The statistics that a result's metadata holds; undefined where it holds none that can be read. */
export function parsePictureStats(text: string | undefined): PictureStats | undefined {
  if (text === undefined) return undefined;
  try {
    return pictureStatsSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
