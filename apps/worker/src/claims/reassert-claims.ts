import type { WorkerContext } from "../run/worker-context.ts";
import { reclaim } from "./reclaim.ts";

/**
 * Says again, to a Redis that may have forgotten its last writes, what this worker has under way with a provider: no
 * other worker then calls for it. Until every worker had the time to do so no worker begins what such a Redis has left
 * (see `runPortrait`), so that a claim that was just being made and given back is met at the next beat.
 */
export async function reassertClaims({
  failover,
  owners,
  running,
}: Pick<WorkerContext, "failover" | "owners" | "running">): Promise<void> {
  if ((await failover.settlingMs()) === 0) return;
  await owners.reassert();
  await Promise.all(running.called.map(reclaim));
}
