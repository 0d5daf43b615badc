import { z } from "zod";
import { FACE_FINDINGS, judgeFace, type FaceComparison, type FaceFinding } from "./face-comparison.ts";

/** Schema of {@link FaceScores} from an object's metadata. */
const faceScoresSchema = z.object({
  likeness: z.int().min(0).max(100).nullable(),
  structure: z.number().nullable(),
  skin: z.number().nullable(),
  findings: z.array(z.enum(FACE_FINDINGS)).readonly(),
  reasons: z.array(z.string()).readonly(),
});

/** The stored part of a comparison of a result's face with its source's. Contains no biometric description. */
export interface FaceScores {
  /** 0 to 100: how much the result looks like its source. Null if one of them shows no clear face. */
  readonly likeness: number | null;
  /**
   * Distance of the landmarks after alignment, in % of the face's height. Null for a face that is turned to the side.
   */
  readonly structure: number | null;
  /** Change of the skin's lightness in L*, beyond the whole picture's. Null if it was not measured. */
  readonly skin: number | null;
  /** Empty if no review is needed. */
  readonly findings: readonly FaceFinding[];
  /** The findings in words, in the same order. */
  readonly reasons: readonly string[];
}

/** Reduces a comparison to its stored part. */
export function faceScores(comparison: FaceComparison): FaceScores {
  const found = judgeFace(comparison);
  const { likeness, structure, skin } = comparison;
  return {
    likeness: likeness === undefined ? null : Math.round(likeness),
    structure: structure === undefined ? null : rounded(100 * structure.distance),
    skin: skin === undefined ? null : rounded(skin.lightness),
    findings: found.map(({ finding }) => finding),
    reasons: found.map(({ reason }) => reason),
  };
}

/** Formats scores for a result's metadata. The reasons are ASCII, because some stores accept nothing else. */
export function faceScoresText(scores: FaceScores): string {
  return JSON.stringify(scores);
}

/** Parses scores from a result's metadata; undefined if they are absent or invalid. */
export function parseFaceScores(text: string | undefined): FaceScores | undefined {
  if (text === undefined) return undefined;
  try {
    return faceScoresSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
