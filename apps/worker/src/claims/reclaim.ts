import { type Receipt, isDarkroomError, isOrderOf, isRejected, recipeFor } from "@darkroom/core";
import type { Claimed, WorkerContext } from "../run/worker-context.ts";

/** The parts of a worker that taking a claim back takes. */
export type Reclaiming = Pick<WorkerContext, "ledger" | "snapshot" | "openStore" | "log">;

/** What of a run says which claim it had. */
export type ReclaimedRun = Pick<Claimed, "spec" | "index" | "token" | "fence" | "recipe">;

/**
 * Takes back the claim of a portrait that Redis has forgotten, with its receipt. Where the source was read anew since, the
 * index may be another portrait's by now: then nothing is taken, and this run is over.
 *
 * @returns whether the run has the claim
 */
export async function reclaim(context: Reclaiming, run: ReclaimedRun, receipt: Receipt): Promise<boolean> {
  const { spec, index, token } = run;
  let { fence } = run;
  for (;;) {
    const answer = await context.ledger.reclaim(spec.id, index, { token, fence }, receipt);
    if (answer.kind !== "read_anew") return answer.kind === "held";
    if (!(await isStillOf(context, run, answer.fence, receipt))) return false;
    ({ fence } = answer);
  }
}

async function isStillOf(
  { snapshot, openStore, log }: Reclaiming,
  { spec, index, recipe }: ReclaimedRun,
  fence: number,
  { order }: Receipt,
): Promise<boolean> {
  const row = await snapshot.row(openStore(spec.destination.url), spec.id, index, fence).catch((error: unknown) => {
    if (isDarkroomError(error, "not_found") || isDarkroomError(error, "storage_not_found")) return undefined;
    throw error;
  });
  const isSame =
    row !== undefined && !isRejected(row) && order !== undefined && isOrderOf(order, row, recipeFor(recipe, row));
  if (!isSame)
    log.warn({ batch: spec.id, portrait: index }, "the source was read anew: this number is another portrait's");
  return isSame;
}
