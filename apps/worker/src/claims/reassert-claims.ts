import type { WorkerContext } from "../run/worker-context.ts";
import { reclaim } from "./reclaim.ts";

/**
 * Reasserts this worker's claims with open provider calls after a failover, so that no other worker calls for them.
 * Runs at each heartbeat of the settling time, in which no worker starts new portraits; see `runPortrait`.
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
