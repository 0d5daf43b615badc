import type { RedisConnection } from "./connect.ts";

/** A smaller difference between two clocks counts as equal. */
const SAME_MS = 1_000;
/** A reply that took longer is too imprecise to determine Redis' clock. */
const SLOW_ANSWER_MS = 2_000;
/** Interval between comparisons of the clocks. */
const COMPARE_EVERY_MS = 30_000;

let offsetMs = 0;
let comparedAtMs = -Infinity;

/**
 * Returns the time of Redis' clock as estimated by this process (epoch ms). Waits that processes share use this time,
 * so that a wrong local clock does not delay other processes. Before {@link followServerClock} has run, returns the
 * time of the local clock.
 */
export function serverNow(): number {
  return Date.now() + offsetMs;
}

/** Returns the time by which Redis' clock is ahead of the local one, in ms; 0 if they agree within a second. */
export function serverOffsetMs(): number {
  return offsetMs;
}

/**
 * Compares the local clock with Redis' clock, unless that was done recently.
 *
 * @param warn called when the difference has changed
 */
export async function followServerClock(redis: RedisConnection, warn: (sentence: string) => void): Promise<void> {
  if (performance.now() - comparedAtMs < COMPARE_EVERY_MS) return;
  const before = Date.now();
  const startedAt = performance.now();
  const [seconds, microseconds] = (await redis.time()).map(Number);
  const tookMs = performance.now() - startedAt;
  if (seconds === undefined || microseconds === undefined || tookMs > SLOW_ANSWER_MS) return;
  comparedAtMs = performance.now();
  const known = offsetMs;
  offsetMs = offsetOf(seconds * 1_000 + microseconds / 1_000, before + tookMs / 2);
  if (Math.abs(offsetMs - known) < SAME_MS) return;
  const way = offsetMs > 0 ? "behind" : "ahead of";
  warn(
    offsetMs === 0
      ? "this machine's clock agrees with Redis's clock again"
      : `this machine's clock is ${Math.abs(offsetMs)} ms ${way} Redis's clock: waits use Redis's clock; correct this machine's clock`,
  );
}

/** @returns the time by which one clock is ahead of the other, in ms; 0 for less than a second */
export function offsetOf(serverMs: number, ownMs: number): number {
  const difference = Math.round(serverMs - ownMs);
  return Math.abs(difference) < SAME_MS ? 0 : difference;
}
