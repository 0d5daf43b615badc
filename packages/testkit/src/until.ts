import { setTimeout as sleep } from "node:timers/promises";

export interface UntilOptions {
  /** The awaited condition, for the error message. */
  readonly what: string;
  /** Defaults to 10 seconds. */
  readonly timeoutMs?: number;
  /**
   * Defaults to 20. For an asynchronous condition, such as a request, the interval grows with the elapsed time, up to
   * 100. Otherwise waiting tests would use much of the CPU.
   */
  readonly everyMs?: number;
}

const FIRST_PAUSE_MS = 20;
const LAST_PAUSE_MS = 100;
/** Share of the time waited so far that is added to the next pause. */
const PAUSE_SHARE = 0.05;

/**
 * Waits until `condition` holds and returns its value. Any value except `false`, `null` and `undefined` holds. A
 * condition that throws does not hold yet.
 *
 * @throws Error with the awaited condition and the condition's last error
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  options: UntilOptions,
): Promise<Exclude<T, false | null | undefined>> {
  const { what, timeoutMs = 10_000, everyMs } = options;
  const since = performance.now();
  for (;;) {
    let failure: unknown;
    let pauseMs = everyMs ?? FIRST_PAUSE_MS;
    try {
      const question = condition();
      if (everyMs === undefined && question instanceof Promise) pauseMs = pauseAfter(performance.now() - since);
      const answer = await question;
      if (answer !== false && answer !== null && answer !== undefined) {
        return answer as Exclude<T, false | null | undefined>;
      }
    } catch (error) {
      failure = error;
    }
    if (performance.now() >= since + timeoutMs) {
      throw new Error(`Waited ${timeoutMs} ms for ${what}, in vain.`, { cause: failure });
    }
    await sleep(pauseMs);
  }
}

/** Returns the pause before an asynchronous condition is polled again. */
export function pauseAfter(waitedMs: number): number {
  return Math.min(Math.max(FIRST_PAUSE_MS, waitedMs * PAUSE_SHARE), LAST_PAUSE_MS);
}
