import type { Bus } from "@darkroom/ledger";
import type { WorkerContext } from "./worker-context.ts";

/** Minimum interval between two nudges of a lane. */
export const NUDGE_EVERY_MS = 10;
/** Minimum interval between two progress events of a portrait. */
const PROGRESS_EVERY_MS = 1_000;

/**
 * Decides whether to nudge the lane's producer.
 *
 * @param queued portraits of the batch with a waiting job
 * @param concurrency concurrent calls of the lane
 */
export function runsLow(queued: number, concurrency: number): boolean {
  return queued <= concurrency / 4;
}

/** Coalesces nudges, because many portraits may end at once. */
export function nudger(bus: Bus): WorkerContext["nudge"] {
  const waiting = new Set<string>();
  return (lane) => {
    if (waiting.has(lane)) return;
    waiting.add(lane);
    setTimeout(() => {
      waiting.delete(lane);
      bus.nudge(lane).catch(() => undefined);
    }, NUDGE_EVERY_MS).unref();
  };
}

/** Publishes a provider's progress at a limited rate. */
export function progressTeller(bus: Bus): WorkerContext["progress"] {
  const portraits = new Map<string, number>();
  return ({ spec, index, token }, progress) => {
    const now = performance.now();
    if ((portraits.get(token) ?? 0) > now) return;
    portraits.set(token, now + PROGRESS_EVERY_MS);
    if (portraits.size > 10_000) portraits.clear();
    bus.event(spec.id, { type: "portrait-progress", index, ...progress }).catch(() => undefined);
  };
}
