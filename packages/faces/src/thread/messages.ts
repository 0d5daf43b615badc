import type { FacePixels } from "../face.ts";
import type { RawFaces } from "../models/find-in-pixels.ts";

/** Requests the faces of a picture. Messages never leave the process. */
export interface FaceRequest {
  readonly id: number;
  readonly pixels: FacePixels;
}

export type FaceAnswer =
  | { readonly kind: "found"; readonly id: number; readonly found: RawFaces }
  /** The picture could not be examined. The thread continues. */
  | { readonly kind: "failed"; readonly id: number; readonly message: string }
  /** The models cannot be loaded on this machine. The thread ends. */
  | { readonly kind: "unavailable"; readonly message: string };
