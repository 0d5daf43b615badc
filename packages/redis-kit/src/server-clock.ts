import type { RedisConnection } from "./connect.ts";

/** Clocks that differ by less count as the same. */
const SAME_MS = 1_000;
/** An answer that took longer says too little about Redis' clock. */
const SLOW_ANSWER_MS = 2_000;
/** The clocks are compared this often. */
const COMPARE_EVERY_MS = 30_000;

let offsetMs = 0;
let comparedAtMs = -Infinity;

/**
 * The time by Redis' clock, as this process knows it (epoch ms). Whatever several processes wait for goes by it, so that
 * one whose own clock is wrong puts nothing off for the others. The own clock until {@link followServerClock} has run.
 */
export function serverNow(): number {
  return Date.now() + offsetMs;
}

/** How far Redis' clock is ahead of the own one, in ms; 0 where they agree to the second. */
export function serverOffsetMs(): number {
  return offsetMs;
}

/**
 * Compares the process's clock with Redis', unless that was done a moment ago.
 *
 * @param warn told when the clocks differ otherwise than before
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
      ? "this machine's clock agrees with Redis' again"
      : `this machine's clock is ${Math.abs(offsetMs)} ms ${way} Redis': waits go by Redis' clock; set this one right`,
  );
}

/** @returns how far one clock is ahead of the other; 0 for less than a second */
export function offsetOf(serverMs: number, ownMs: number): number {
  const difference = Math.round(serverMs - ownMs);
  return Math.abs(difference) < SAME_MS ? 0 : difference;
}
