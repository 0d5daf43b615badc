import { DESTINATION_FAULTS, isEnded, writtenUrls } from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import type { ProducerContext } from "../context.ts";

/** Shows which destinations of live batches are blocked and what waits to be stored; forgets those of no live batch. */
export async function keepDestinations(
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
