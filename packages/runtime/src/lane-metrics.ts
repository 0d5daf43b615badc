import { WAIT_REASONS, type Blocked, type WaitReason } from "@darkroom/core";
import type { Metrics } from "./metrics.ts";

const REASONS: readonly Blocked["reason"][] = ["auth", "balance", "outage"];

/** Sets a lane's gauge for each reason: 1 for the reason that blocks the lane. */
export function showBlocked(
  { laneBlocked }: Pick<Metrics, "laneBlocked">,
  lane: string,
  reason: Blocked["reason"] | undefined,
): void {
  for (const each of REASONS) laneBlocked.set({ lane, reason: each }, each === reason ? 1 : 0);
}

/** Sets a lane's gauges of waiting portraits, and resets reasons without waiting portraits to 0. */
export function showWaiting(
  { portraitsWaiting }: Pick<Metrics, "portraitsWaiting">,
  lane: string,
  counts: ReadonlyMap<WaitReason, number>,
): void {
  for (const reason of WAIT_REASONS) {
    const count = counts.get(reason) ?? 0;
    if (count > 0) portraitsWaiting.set({ lane, reason }, count);
    else portraitsWaiting.remove({ lane, reason });
  }
}

/** The current state of a lane's limits. */
export interface ShownLimits {
  readonly concurrency: number;
  readonly ratePerMinute: number | undefined;
  /** End of the hold (epoch ms). */
  readonly heldUntil: number | undefined;
}

export function showLimits(
  { laneConcurrency, laneRate, laneHeldSeconds }: Pick<Metrics, "laneConcurrency" | "laneRate" | "laneHeldSeconds">,
  lane: string,
  { concurrency, ratePerMinute, heldUntil }: ShownLimits,
  nowMs: number,
): void {
  laneConcurrency.set({ lane }, concurrency);
  if (ratePerMinute === undefined) laneRate.remove({ lane });
  else laneRate.set({ lane }, ratePerMinute);
  laneHeldSeconds.set({ lane }, heldUntil === undefined ? 0 : Math.max(0, (heldUntil - nowMs) / 1_000));
}
