import { isDarkroomError, isOrderOf, isRejected, recipeFor, type OpenStore, type Receipt } from "@darkroom/core";
import type { Ledger } from "@darkroom/ledger";
import type { SnapshotCache } from "@darkroom/manifest";
import type { Logger } from "@darkroom/runtime";
import type { Claim } from "../run/claim.ts";

/** A run with its claim. */
export interface HeldClaim {
  readonly context: {
    readonly ledger: Pick<Ledger, "claims">;
    readonly snapshot: Pick<SnapshotCache, "row">;
    readonly openStore: OpenStore;
    readonly log: Logger;
  };
  readonly claim: Claim;
  readonly receipt: Receipt;
}

/**
 * Takes back a claim that Redis lost, with its receipt. Ends the run if the source was ingested again in the meantime,
 * because the index may then belong to another portrait.
 *
 * @returns true when the run holds its claim again
 */
export async function reclaim(run: HeldClaim): Promise<boolean> {
  const { context, claim, receipt } = run;
  const { spec, index, token } = claim;
  let { fence } = claim;
  for (;;) {
    const answer = await context.ledger.claims.reclaim(spec.id, index, { token, fence }, receipt);
    if (answer.kind !== "read_anew") return answer.kind === "held";
    if (!(await isStillOf(run, answer.fence))) return false;
    ({ fence } = answer);
  }
}

async function isStillOf({ context, claim, receipt: { order } }: HeldClaim, fence: number): Promise<boolean> {
  const { snapshot, openStore, log } = context;
  const { spec, index, recipe } = claim;
  const row = await snapshot.row(openStore(spec.destination.url), spec.id, index, fence).catch((error: unknown) => {
    if (isDarkroomError(error, "not_found") || isDarkroomError(error, "storage_not_found")) return undefined;
    throw error;
  });
  const isSame =
    row !== undefined && !isRejected(row) && order !== undefined && isOrderOf(order, row, recipeFor(recipe, row));
  if (!isSame)
    log.warn(
      { batch: spec.id, portrait: index },
      "the source was ingested again: this index belongs to another portrait",
    );
  return isSame;
}
