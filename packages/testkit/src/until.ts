import { setTimeout as sleep } from "node:timers/promises";

export interface UntilOptions {
  /** What is awaited, for the error message. */
  readonly what: string;
  /** Defaults to 10 seconds. */
  readonly timeoutMs?: number;
  /**
   * Defaults to 20. For a condition that answers with a promise, such as a request, it grows with the time waited to
   * 100: otherwise the questions of waiting tests would take much of the CPU.
   */
  readonly everyMs?: number;
}

const FIRST_PAUSE_MS = 20;
const LAST_PAUSE_MS = 100;
/** Part of the time waited so far that the next pause adds to it. */
const PAUSE_SHARE = 0.05;

/**
 * Waits until `condition` holds and returns its value: anything but `false`, `null` and `undefined` holds. A condition
 * that throws does not hold yet.
 *
 * @throws Error with what was awaited and the condition's last error
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

/** The pause before an asynchronous condition is asked again. */
export function pauseAfter(waitedMs: number): number {
  return Math.min(Math.max(FIRST_PAUSE_MS, waitedMs * PAUSE_SHARE), LAST_PAUSE_MS);
}
