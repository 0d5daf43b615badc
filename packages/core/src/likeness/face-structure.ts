import { alignFaces, type FaceAlignment } from "./align-faces.ts";
import { between, eyeDistance, faceHeight, sidewaysLook, type FacePoints } from "./face-points.ts";

/** Measures of facial structure. */
const STRUCTURE_MEASURES = ["face", "jaw", "eyeDistance", "noseLength", "noseWidth"] as const;

type StructureMeasure = (typeof STRUCTURE_MEASURES)[number];

/**
 * Maximum turn to the side at which a face's width can be compared. Beyond it, the landmarks of the far side are
 * guesses.
 */
const MOST_SIDEWAYS = 0.25;

interface StructureRule {
  /** Maximum relative change that landmark noise explains. */
  readonly limit: number;
  /** Words for a measure below and above the source's. */
  readonly words: readonly [below: string, above: string];
  readonly of: (face: FacePoints) => number;
}

/** Widths are relative to the face's width and lengths to its height, so that one change is not reported twice. */
const STRUCTURE_RULES: Readonly<Record<Exclude<StructureMeasure, "face">, StructureRule>> = {
  jaw: {
    limit: 0.05,
    words: ["jaw % narrower", "jaw % wider"],
    of: (face) => between(face, "jawLeft", "jawRight") / width(face),
  },
  eyeDistance: {
    limit: 0.06,
    words: ["eyes % closer together", "eyes % further apart"],
    of: (face) => eyeDistance(face) / width(face),
  },
  noseLength: {
    limit: 0.07,
    words: ["nose % shorter", "nose % longer"],
    of: (face) => between(face, "noseTop", "noseBottom") / faceHeight(face),
  },
  noseWidth: {
    limit: 0.1,
    words: ["nose % narrower", "nose % wider"],
    of: (face) => between(face, "noseLeft", "noseRight") / width(face),
  },
};

/** Limit and words for the face's own proportions. */
const FACE_STRETCH = { limit: 0.05, words: ["face % narrower", "face % wider"] } as const;

/** Maximum distance of aligned landmarks that noise and expression explain, as a share of the face's height. */
const MOST_LANDMARK_DISTANCE = 0.011;

/** Differences between a face's structure and its source's. */
export interface StructureChange {
  /** Distance of the landmarks after alignment, as a share of the face's height. */
  readonly distance: number;
  /** Relative changes. -0.09 means 9 % less than in the source. */
  readonly changes: Readonly<Record<StructureMeasure, number>>;
}

/** Compares the structure of two faces. Undefined if one is turned too far to the side to be measured. */
export function compareStructure(
  source: FacePoints,
  result: FacePoints,
  alignment: FaceAlignment = alignFaces(source, result),
): StructureChange | undefined {
  if (Math.max(Math.abs(sidewaysLook(source)), Math.abs(sidewaysLook(result))) > MOST_SIDEWAYS) return undefined;
  const change = (measure: keyof typeof STRUCTURE_RULES): number => {
    const { of } = STRUCTURE_RULES[measure];
    return of(result) / of(source) - 1;
  };
  return {
    distance: alignment.distance,
    changes: {
      face: alignment.stretch - 1,
      jaw: change("jaw"),
      eyeDistance: change("eyeDistance"),
      noseLength: change("noseLength"),
      noseWidth: change("noseWidth"),
    },
  };
}

/** Describes the changes beyond the limits, largest first: "jaw 9 % narrower than in the source". */
export function structureReasons({ distance, changes }: StructureChange): readonly string[] {
  const named = STRUCTURE_MEASURES.flatMap((measure) => {
    const { limit, words } = measure === "face" ? FACE_STRETCH : STRUCTURE_RULES[measure];
    const change = changes[measure];
    if (Math.abs(change) <= limit) return [];
    const text = words[change < 0 ? 0 : 1].replace("%", `${Math.round(100 * Math.abs(change))} %`);
    return [{ excess: Math.abs(change) / limit, text: `${text} than in the source` }];
  });
  if (named.length > 0) return named.toSorted((a, b) => b.excess - a.excess).map(({ text }) => text);
  if (distance <= MOST_LANDMARK_DISTANCE) return [];
  return [`features placed differently than in the source, by ${(100 * distance).toFixed(1)} % of the face's height`];
}

function width(face: FacePoints): number {
  return between(face, "left", "right");
}
