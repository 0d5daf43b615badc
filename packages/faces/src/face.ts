import type { FaceDescription } from "./face-description.ts";
import type { FaceLandmarks, Point } from "./face-landmarks.ts";

/** A decoded picture, in row order, upright, sRGB. 640 px on the longest side are sufficient. */
export interface FacePixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** Only the first three channels are read. */
  readonly channels: 3 | 4;
}

/** In px of the picture. May exceed the picture if the face is cut off. */
export interface FaceBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A face's exposure and sharpness. */
export interface FaceMeasures {
  /** Brightness of the highlights, 0 to 255. Unlike the mean, independent of the skin's colour. */
  readonly highlights: number;
  /** Fine detail relative to the contrast: about 0.04 to 1 in a sharp picture, below 0.01 in a very blurred one. */
  readonly detail: number;
}

export interface Face extends FaceMeasures {
  /** From the hairline to the chin and from ear to ear: the extent of the landmarks. */
  readonly box: FaceBox;
  /** Centres of the person's right and left eye. In an upright face, the right one has the smaller x. */
  readonly eyes: { readonly right: Point; readonly left: Point };
  readonly landmarks: FaceLandmarks;
  /** Certainty that this is a face, from 0 to 1. */
  readonly score: number;
  readonly description: FaceDescription;
}

/** Clockwise rotation of the picture after which its faces are upright, in degrees. */
export type Turn = 0 | 90 | 180 | 270;

export interface FoundFaces {
  /** Size of the input picture. */
  readonly width: number;
  readonly height: number;
  /** Sorted by size, largest first. Positions are in px of the input picture. */
  readonly faces: readonly Face[];
  /** 0 unless faces were only found in the turned picture. */
  readonly turn: Turn;
}
