import { setTimeout as sleep } from "node:timers/promises";

export interface UntilOptions {
  /** What is awaited, for the error message. */
  readonly what: string;
  /** Defaults to 10 seconds. */
  readonly timeoutMs?: number;
  /** Defaults to 20. */
  readonly everyMs?: number;
}

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
  const { what, timeoutMs = 10_000, everyMs = 20 } = options;
  const end = performance.now() + timeoutMs;
  for (;;) {
    let failure: unknown;
    try {
      const answer = await condition();
      if (answer !== false && answer !== null && answer !== undefined) {
        return answer as Exclude<T, false | null | undefined>;
      }
    } catch (error) {
      failure = error;
    }
    if (performance.now() >= end) {
      throw new Error(`Waited ${timeoutMs} ms for ${what}, in vain.`, { cause: failure });
    }
    await sleep(everyMs);
  }
}
