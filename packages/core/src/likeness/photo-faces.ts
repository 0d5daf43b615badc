import { z } from "zod";

/** The treatment of a photo without a face: `refuse` ends its portrait before the call, `warn` enhances it. */
export const FACE_POLICIES = ["refuse", "warn", "off"] as const;
export const facePolicySchema = z.enum(FACE_POLICIES);
export type FacePolicy = z.infer<typeof facePolicySchema>;
export const DEFAULT_FACE_POLICY: FacePolicy = "refuse";

/** All findings about the faces of a photo. A test compares the texts with `docs/likeness.md`. */
export const PHOTO_WARNINGS = {
  no_face: "no face was found in the photo",
  several_faces: "the photo shows several faces",
  turned: "the photo lies on its side or upside down",
  tiny_face: "the face is tiny",
  cut_face: "the face is cut off by the edge of the photo",
  blurred_face: "the face is very blurred",
  dark_face: "the face is very dark",
} as const;

export type PhotoWarning = keyof typeof PHOTO_WARNINGS;

/** The result of a face search in a photo. */
export interface PhotoFaces {
  /** Size of the searched picture, in px. */
  readonly width: number;
  readonly height: number;
  /** Size of the photo divided by that of the searched picture. */
  readonly scale: number;
  /** True if the faces were found only after the picture was rotated. */
  readonly isTurned: boolean;
  /** Sorted by size, largest first. */
  readonly faces: readonly SeenFace[];
}

export interface SeenFace {
  /** In px of the searched picture. Extends beyond the picture if the face is cut off. */
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  /** Brightness of the highlights, 0 to 255. */
  readonly highlights: number;
  /** Fine detail relative to the contrast. */
  readonly detail: number;
}

/** Minimum width of a further face, as a share of the largest one's width. Smaller faces are in the background. */
const COUNTED_SHARE = 1 / 3;
/** A face is tiny below this width in the photo (px), or below this share of the photo's longer side. */
const TINY_PX = 80;
const TINY_SHARE = 0.06;
/** A face is cut off if more than this share of it is outside the picture. */
const CUT_SHARE = 0.08;
/** Below this size, in px of the searched picture, blur cannot be distinguished from a lack of pixels. */
const JUDGED_PX = 60;
const LEAST_DETAIL = 0.01;
const LEAST_HIGHLIGHTS = 40;

/** Returns the findings about a photo, before it costs anything. `no_face` is always the only one. */
export function photoWarnings({ width, height, scale, isTurned, faces }: PhotoFaces): readonly PhotoWarning[] {
  const [face] = faces;
  if (face === undefined) return ["no_face"];
  const { box, highlights, detail } = face;
  const counted = faces.filter((each) => each.box.width >= box.width * COUNTED_SHARE);
  const outside = Math.max(
    -box.x / box.width,
    (box.x + box.width - width) / box.width,
    -box.y / box.height,
    (box.y + box.height - height) / box.height,
  );
  const isTiny = box.width * scale < TINY_PX || box.width < TINY_SHARE * Math.max(width, height);
  const is: Readonly<Record<Exclude<PhotoWarning, "no_face">, boolean>> = {
    several_faces: counted.length > 1,
    turned: isTurned,
    tiny_face: isTiny,
    cut_face: outside > CUT_SHARE,
    blurred_face: box.width >= JUDGED_PX && detail < LEAST_DETAIL,
    dark_face: highlights < LEAST_HIGHLIGHTS,
  };
  return (Object.keys(is) as (keyof typeof is)[]).filter((warning) => is[warning]);
}

/** True if the photo's portrait must end before the call. */
export function refusesPhoto(policy: FacePolicy, warnings: readonly PhotoWarning[]): boolean {
  return policy === "refuse" && warnings.includes("no_face");
}
