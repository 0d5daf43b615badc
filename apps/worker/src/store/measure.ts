import { messageOf, type PictureStats } from "@darkroom/core";
import { pictureStats } from "@darkroom/imaging";
import type { WorkerContext } from "../run/worker-context.ts";

/** Measures a result for the comparison with its team. A failure does not prevent delivery. */
export async function measure(
  { log }: Pick<WorkerContext, "log">,
  bytes: Uint8Array,
): Promise<PictureStats | undefined> {
  try {
    return await pictureStats(bytes);
  } catch (error) {
    log.warn({ err: error }, `a result could not be measured: ${messageOf(error)}`);
    return undefined;
  }
}
