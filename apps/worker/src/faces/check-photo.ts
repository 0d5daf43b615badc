import {
  DEFAULT_FACE_POLICY,
  isDarkroomError,
  photoWarnings,
  refusesPhoto,
  releaseBytes,
  withPhotoWarnings,
} from "@darkroom/core";
import type { FacePixels, FoundFaces } from "@darkroom/faces";
import { facePixelsOf } from "@darkroom/imaging";
import type { PortraitRun } from "../run/portrait-run.ts";

const NO_FACE = "no face was found in the photo, however it is turned; checked before the call";

/** A photo that is sent unchanged. */
interface UnchangedPhoto {
  readonly read: () => Promise<Uint8Array>;
  /** Peak memory for reading and decoding it. */
  readonly workBytes: number;
  readonly longerSidePx: number;
}

/**
 * Searches a photo for faces before its first call. Records problems for the report, or ends the portrait. Does nothing
 * if face search is off, for the batch or in this process, and for a photo that cannot be decoded.
 *
 * @throws RunEnded with `no_face`, and the errors of `read`
 */
export async function checkPhoto(run: PortraitRun, photo: UnchangedPhoto): Promise<void> {
  if (!needsCheck(run)) return;
  const { pictureMemory, faces } = run.context;
  const open = async (): Promise<FacePixels> => {
    const bytes = await photo.read();
    const pixels = await decoded(bytes);
    releaseBytes(bytes);
    return pixels;
  };
  const reserved = async (): Promise<FacePixels> => await pictureMemory.use(photo.workBytes, open, run.signal);
  await judge(run, async () => await faces.findFaces(reserved, run.signal), photo.longerSidePx);
}

/**
 * The same for a photo that was converted for the provider, so that it is decoded only once. May be called while picture
 * memory is reserved, because it reserves none.
 */
export async function checkConverted(run: PortraitRun, bytes: Uint8Array, longerSidePx: number): Promise<void> {
  if (!needsCheck(run)) return;
  await judge(run, async () => await run.context.faces.findFaces(await decoded(bytes), run.signal), longerSidePx);
}

/** False if an earlier run searched the photo: the receipt of a called portrait has the notes. */
function needsCheck({ context, claim, receipt }: PortraitRun): boolean {
  return claim.recipe.faces !== "off" && context.faces.isAvailable && receipt.firstIntentAt === undefined;
}

async function judge(
  run: PortraitRun,
  find: () => Promise<FoundFaces | undefined>,
  longerSidePx: number,
): Promise<void> {
  const found = await unlessUndecodable(find);
  if (found === undefined) return;
  const { width, height, faces, turn } = found;
  const scale = longerSidePx / Math.max(width, height);
  const warnings = photoWarnings({ width, height, scale, isTurned: turn !== 0, faces });
  if (refusesPhoto(run.claim.recipe.faces ?? DEFAULT_FACE_POLICY, warnings)) throw run.settleAs("no_face", NO_FACE);
  run.receipt = withPhotoWarnings(run.receipt, warnings);
  if (run.claim.recipe.likeness !== "off") run.photoFaces = found;
}

/** The provider may be able to decode a photo that this machine cannot. */
class Undecodable extends Error {}

async function decoded(bytes: Uint8Array): Promise<FacePixels> {
  try {
    return await facePixelsOf(bytes);
  } catch (error) {
    // A Darkroom error does not mean that the picture is broken.
    if (isDarkroomError(error)) throw error;
    throw new Undecodable("the photo cannot be decoded", { cause: error });
  }
}

async function unlessUndecodable<T>(find: () => Promise<T>): Promise<T | undefined> {
  try {
    return await find();
  } catch (error) {
    if (error instanceof Undecodable) return undefined;
    throw error;
  }
}
