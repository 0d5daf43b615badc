import { messageOf } from "@darkroom/core";
import type { LeftSessions } from "@darkroom/lanes";
import type { Provider } from "@darkroom/provider-kit";
import type { Logger } from "@darkroom/runtime";

/** Sessions cleared together. */
const CLEARED_AT_ONCE = 8;
/** Clearing one session never takes longer. */
const CLEAR_MS = 10_000;
/** Waits between tries double up to this. */
const LAST_WAIT_MS = 600_000;
const MOST_DOUBLINGS = 20;

export interface SessionClearerOptions {
  readonly lane: string;
  readonly sessions: LeftSessions;
  readonly provider: Pick<Provider, "forget">;
  /** After a first try that failed nothing is tried for so long; then for twice as long, and so on. */
  readonly firstWaitMs: number;
  readonly log: Logger;
}

/**
 * Clears at the provider what ended portraits have left there, a few sessions at a time and beside the lane's gate: it
 * costs nothing. One that works is followed by the others; one that fails by a wait, so that a provider that is away, or
 * a bad key, is asked seldom.
 */
export class SessionClearer {
  readonly #options: SessionClearerOptions;
  readonly #stopping = new AbortController();
  #underWay: Promise<void> | undefined;
  #failures = 0;
  #restsUntil = -Infinity;

  constructor(options: SessionClearerOptions) {
    this.#options = options;
  }

  /** Looks whether there is something to do; comes back at once. */
  tick(nowMs = performance.now()): void {
    if (this.#underWay !== undefined || this.#stopping.signal.aborted || nowMs < this.#restsUntil) return;
    this.#underWay = this.#clear()
      .catch((error: unknown) => {
        const { lane, log } = this.#options;
        log.warn({ lane }, `sessions could not be cleared: ${messageOf(error)}`);
      })
      .finally(() => (this.#underWay = undefined));
  }

  /** The lane goes on: what failed before is tried at once. */
  wake(): void {
    this.#restsUntil = -Infinity;
    this.tick();
  }

  async #clear(): Promise<void> {
    const { sessions, provider, lane, log, firstWaitMs } = this.#options;
    const { signal } = this.#stopping;
    for (let limit = 1; !signal.aborted; limit = CLEARED_AT_ONCE) {
      const ids = await sessions.take(limit);
      if (ids.length === 0) return;
      const cleared = new Set<string>();
      await Promise.all(
        ids.map(async (id) => {
          const limits = AbortSignal.any([signal, AbortSignal.timeout(CLEAR_MS)]);
          if (await provider.forget(id, limits)) cleared.add(id);
        }),
      );
      const kept = ids.filter((id) => !cleared.has(id));
      await Promise.all([sessions.done([...cleared]), sessions.back(kept)]);
      if (cleared.size > 0) this.#failures = 0;
      if (kept.length > 0 && !signal.aborted) {
        const waitMs = Math.min(firstWaitMs * 2 ** Math.min(this.#failures, MOST_DOUBLINGS), LAST_WAIT_MS);
        this.#failures += 1;
        this.#restsUntil = performance.now() + waitMs;
        log.warn(
          { lane, left: await sessions.count(), waitMs },
          "the provider's sessions of ended portraits could not be cleared yet",
        );
        return;
      }
    }
  }

  /** Ends what is under way; another worker goes on with it. */
  async close(): Promise<void> {
    this.#stopping.abort(new Error("the worker stops"));
    await this.#underWay;
  }
}
