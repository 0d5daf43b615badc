import { faceScores, messageOf, parseFaceScores, RESULT_METADATA, type FaceScores } from "@darkroom/core";
import type { FoundFaces } from "@darkroom/faces";
import { facePixelsOf, type SourceLook } from "@darkroom/imaging";
import type { Prepared } from "../prepare/prepared.ts";
import type { PreparedRun } from "../run/portrait-run.ts";
import { compareFoundFaces, type SeenFaces } from "./compare-found-faces.ts";

/**
 * Compares the face of a result with its source's. The descriptions of both exist only during this call; only scores are
 * returned. A comparison that fails does not prevent delivery.
 *
 * @returns undefined if faces are off or not available, or one of the two cannot be decoded
 */
export async function compareFaces(
  run: PreparedRun,
  source: SourceLook | undefined,
  result: Uint8Array,
): Promise<FaceScores | undefined> {
  const { context, prepared, claim, signal } = run;
  // The stored main picture of an earlier run was compared with its source then.
  if (prepared.isStored) return await scoresOfStored(prepared);
  // HEIC photos have a preview, which decodes in a fraction of the time.
  const photo = source?.thumbnail === undefined ? (run.preview ?? source?.bytes) : source.bytes;
  if (prepared.recipe.likeness === "off" || photo === undefined || !context.faces.isAvailable) return undefined;
  try {
    const before = await look(run, photo, run.photoFaces);
    const after = before === undefined ? undefined : await look(run, result);
    return before === undefined || after === undefined ? undefined : faceScores(compareFoundFaces(before, after));
  } catch (error) {
    signal.throwIfAborted();
    const { spec, index } = claim;
    const message = `the result's face was not compared with its source's: ${messageOf(error)}`;
    context.log.warn({ batch: spec.id, portrait: index }, message);
    return undefined;
  } finally {
    run.photoFaces = undefined;
  }
}

/** True if a strict batch must not store this result. */
export function isRefused({ recipe, isStored }: Prepared, face: FaceScores | undefined): face is FaceScores {
  return recipe.likeness === "strict" && !isStored && (face?.findings.length ?? 0) > 0;
}

/** @param known what was found in the same picture before, so that it is not searched again */
async function look(
  { context, signal }: PreparedRun,
  bytes: Uint8Array,
  known?: FoundFaces,
): Promise<SeenFaces | undefined> {
  const pixels = await facePixelsOf(bytes);
  const isSame = known?.width === pixels.width && known.height === pixels.height;
  const found = isSame ? known : await context.faces.findFaces(pixels, signal);
  return found === undefined ? undefined : { pixels, faces: found.faces };
}

async function scoresOfStored({ destination, row }: Prepared): Promise<FaceScores | undefined> {
  const head = await destination.head(row.destination);
  return parseFaceScores(head?.metadata[RESULT_METADATA.face]);
}
