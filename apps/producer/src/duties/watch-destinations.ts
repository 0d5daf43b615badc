import { DESTINATION_FAULTS, isEnded, writtenUrls } from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import type { ProducerContext } from "../context.ts";

/** Updates the metrics of blocked destinations and unstored results, and drops destinations that no live batch uses. */
export async function watchDestinations(
  { destinations, metrics }: Pick<ProducerContext, "destinations" | "metrics">,
  batches: readonly BatchRecord[],
): Promise<void> {
  const live = batches.filter(({ state }) => !isEnded(state));
  const blocked = await destinations.read();
  for (const reason of DESTINATION_FAULTS) {
    const urls = new Set(blocked.filter((each) => each.reason === reason).map(({ url }) => url));
    metrics.destinationsBlocked.set({ reason }, urls.size);
  }
  metrics.unstored.set(live.reduce((sum, { unstored }) => sum + unstored.portraits, 0));
  metrics.unstoredUsd.set(live.reduce((sum, { unstored }) => sum + unstored.usd, 0));
  await destinations.retain(new Set(live.flatMap(({ spec }) => writtenUrls(spec))));
}
