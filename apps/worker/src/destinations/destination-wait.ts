import { protocolMs } from "@darkroom/core";
import { serverNow } from "@darkroom/redis-kit";
import type { BlockedDestination } from "@darkroom/core";
import type { WorkerContext } from "../run/worker-context.ts";

/** Minimum delay before a waiting job is retried. A later probe of the destination delays the retry further. */
const LEAST_WAIT_MS = protocolMs(1_000);
/** Random extra delay that spreads the retries. */
const SPREAD_MS = protocolMs(2_000);

/** Returns the delay for a portrait that waits for a blocked destination. */
export function destinationWaitMs(
  { random }: Pick<WorkerContext, "random">,
  { nextLookAt }: Pick<BlockedDestination, "nextLookAt">,
  nowMs = serverNow(),
): number {
  return Math.max(LEAST_WAIT_MS, nextLookAt - nowMs) + Math.floor(random() * SPREAD_MS);
}
