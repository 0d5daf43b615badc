import type { WorkerContext } from "../run/worker-context.ts";
import { reclaim } from "./reclaim.ts";

/**
 * Reasserts the claims of this worker's open provider calls after a failover, so that no other worker repeats those
 * calls. Runs at each heartbeat of the settling time, during which no worker starts new portraits; see `runPortrait`.
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
