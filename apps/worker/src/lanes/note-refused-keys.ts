import type { OwnMeans } from "@darkroom/core";
import type { LaneContext } from "../run/worker-context.ts";

/**
 * Reads which keys the accounts have refused and never accepted. Such a key does not bind a batch to its account, so
 * this worker may process batches that were accepted with it.
 */
export async function noteRefusedKeys(
  means: OwnMeans,
  serving: readonly { readonly laneContext: Pick<LaneContext, "lane"> }[],
): Promise<void> {
  for (const { laneContext } of serving) {
    const { lane } = laneContext;
    means.noteRefusedKeys(lane.name, await lane.accountKeys.neverAccepted());
  }
}
