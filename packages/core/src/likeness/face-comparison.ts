import { structureReasons, type StructureChange } from "./face-structure.ts";
import type { SkinChange } from "./skin-tone.ts";

/** The possible findings of a comparison of a result with its source. */
export const FACE_FINDINGS = [
  "another_person",
  "structure",
  "skin_tone",
  "face_lost",
  "face_gained",
  "head_size",
  "head_place",
] as const;

export type FaceFinding = (typeof FACE_FINDINGS)[number];

/** Scores of a comparison of a result's face with its source's. Contains no biometric description. */
export interface FaceComparison {
  /** Number of faces in the source and in the result. */
  readonly faces: { readonly before: number; readonly after: number };
  /** 0 to 100. Undefined if one of the two has no face. */
  readonly likeness?: number | undefined;
  /** Undefined if the face looks too far to the side. */
  readonly structure?: StructureChange | undefined;
  /** Undefined as `structure`, and if there is no background to compare it with. */
  readonly skin?: SkinChange | undefined;
  readonly head?: HeadChange | undefined;
}

export interface HeadChange {
  /**
   * Relative change of the head's height, which is measured as a share of the picture's height. 0.3 means 30 % larger.
   */
  readonly size: number;
  /** Distance that the head moved, as a share of the picture's sides. */
  readonly moved: number;
}

/** Limits beyond which a user must review a result. They lie above the changes that enhancement and encoding cause. */
export const FACE_LIMITS = {
  likeness: 60,
  skinLightness: 5,
  skinColour: 14,
  headSize: 0.25,
  headMoved: 0.15,
} as const;

export interface FoundInFace {
  readonly finding: FaceFinding;
  /** In words. */
  readonly reason: string;
}

/** Returns the faults of a result's face, the worst first. Empty if the face matches the source's. */
export function judgeFace(comparison: FaceComparison): readonly FoundInFace[] {
  const { likeness, structure, skin, head } = comparison;
  const counted = countFinding(comparison.faces);
  // If the face is another person's, its measures do not describe a change.
  if (likeness !== undefined && likeness < FACE_LIMITS.likeness) {
    const reason = `looks like another person: ${Math.round(likeness)} of 100`;
    return [{ finding: "another_person", reason }, ...counted];
  }
  return [
    ...counted,
    ...(structure === undefined ? [] : structureReasons(structure)).map((reason) => ({
      finding: "structure" as const,
      reason,
    })),
    ...(skin === undefined ? [] : skinFindings(skin)),
    ...(head === undefined ? [] : headFindings(head)),
  ];
}

function countFinding({ before, after }: FaceComparison["faces"]): readonly FoundInFace[] {
  if (after === before) return [];
  if (after < before) {
    const reason = after === 0 ? "no clear face is left" : `${facesText(after)} instead of the source's ${before}`;
    return [{ finding: "face_lost", reason }];
  }
  const reason =
    before === 0 ? `${facesText(after)}, and none in the source` : `${facesText(after)}, and ${before} in the source`;
  return [{ finding: "face_gained", reason }];
}

function facesText(count: number): string {
  return count === 1 ? "1 face" : `${count} faces`;
}

function skinFindings({ lightness, colour, surroundings }: SkinChange): readonly FoundInFace[] {
  const isLighter = Math.abs(lightness) > FACE_LIMITS.skinLightness;
  if (!isLighter && colour <= FACE_LIMITS.skinColour) return [];
  const change = isLighter
    ? `skin ${lightness > 0 ? "lighter" : "darker"} by ${Math.round(Math.abs(lightness))} L*`
    : `skin of another colour by ${Math.round(colour)} in a*b*`;
  return [{ finding: "skin_tone", reason: `${change} ${surroundingsText(surroundings)}` }];
}

function surroundingsText(surroundings: number): string {
  const shift = Math.round(surroundings);
  if (shift === 0) return "while the background is unchanged";
  return `beyond the whole picture's change of ${shift > 0 ? "+" : "-"}${Math.abs(shift)} L*`;
}

function headFindings({ size, moved }: HeadChange): readonly FoundInFace[] {
  const found: FoundInFace[] = [];
  if (Math.abs(size) > FACE_LIMITS.headSize) {
    const word = size < 0 ? "smaller" : "larger";
    found.push({ finding: "head_size", reason: `head ${Math.round(100 * Math.abs(size))} % ${word} in the picture` });
  }
  if (moved > FACE_LIMITS.headMoved) {
    found.push({ finding: "head_place", reason: `head moved by ${Math.round(100 * moved)} % of the picture` });
  }
  return found;
}
