import type { OwnMeans } from "@darkroom/core";
import type { LaneContext } from "../run/worker-context.ts";

/**
 * Reads which keys the accounts have refused and never accepted. They bind no batch, so this worker may take up what was
 * accepted with them.
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
