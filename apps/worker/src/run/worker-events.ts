import type { Bus } from "@darkroom/ledger";
import type { WorkerContext } from "./worker-context.ts";

/** At most one nudge of a lane in so long. */
export const NUDGE_EVERY_MS = 10;
/** At most one progress event of a portrait in so long. */
const PROGRESS_EVERY_MS = 1_000;

/**
 * Whether a lane's producer is nudged.
 *
 * @param queued portraits of the batch that have a job and wait
 * @param concurrency the lane's calls at once
 */
export function runsLow(queued: number, concurrency: number): boolean {
  return queued <= concurrency / 4;
}

/** Collects the nudges of one tick: many portraits may end together. */
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

/** Tells watchers what a provider is doing, seldom, and only where there is somebody to tell. */
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
