import { setTimeout as sleep } from "node:timers/promises";

/**
 * Polls until `look` returns a value.
 *
 * @throws Error with the awaited condition, after the timeout
 */
export async function until<T>(
  look: () => Promise<T | undefined> | T | undefined,
  { what, timeoutMs, everyMs = 50 }: { readonly what: string; readonly timeoutMs: number; readonly everyMs?: number },
): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() >= end) throw new Error(`Waited ${timeoutMs} ms for ${what}, in vain.`);
    await sleep(everyMs);
  }
}
