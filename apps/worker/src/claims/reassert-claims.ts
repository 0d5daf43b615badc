import type { WorkerContext } from "../run/worker-context.ts";
import { reclaim, type Reclaiming } from "./reclaim.ts";

/**
 * Says again, to a Redis that may have forgotten its last writes, what this worker has under way with a provider: no
 * other worker then calls for it. Until every worker had the time to do so nobody begins what such a Redis has left (see
 * `runPortrait`), so that a claim that was just being made and given back is met at the next beat.
 */
export async function keepClaims(
  context: Reclaiming & Pick<WorkerContext, "continuity" | "live" | "owners">,
): Promise<void> {
  const { continuity, live, owners } = context;
  if ((await continuity.settlingMs()) === 0) return;
  await owners.reassert();
  await Promise.all(live.called.map(({ claimed, receipt }) => reclaim(context, claimed, receipt)));
}
