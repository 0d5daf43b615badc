import { protocolMs } from "@darkroom/core";
import { serverNow } from "@darkroom/redis-kit";
import type { BlockedDestination } from "@darkroom/core";
import type { WorkerContext } from "../run/worker-context.ts";

/** A job that waits for a blocked destination comes again a little after the next look at it, at the earliest after this… */
const LEAST_WAIT_MS = protocolMs(1_000);
/** … and spread over this, so that not all come at once. */
const SPREAD_MS = protocolMs(2_000);

/** How long a portrait's job waits for a blocked destination. */
export function destinationWaitMs(
  { random }: Pick<WorkerContext, "random">,
  { nextLookAt }: Pick<BlockedDestination, "nextLookAt">,
  nowMs = serverNow(),
): number {
  return Math.max(LEAST_WAIT_MS, nextLookAt - nowMs) + Math.floor(random() * SPREAD_MS);
}
