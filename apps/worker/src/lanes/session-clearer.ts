import { messageOf } from "@darkroom/core";
import type { LeftSessions } from "@darkroom/lanes";
import type { Provider } from "@darkroom/provider-kit";
import type { Logger } from "@darkroom/runtime";

/** Sessions deleted in parallel. */
const CLEARED_AT_ONCE = 8;
/** Timeout of one deletion. */
const CLEAR_MS = 10_000;
/** Upper limit of the doubling wait between attempts. */
const LAST_WAIT_MS = 600_000;
const MOST_DOUBLINGS = 20;

export interface SessionClearerOptions {
  readonly lane: string;
  readonly sessions: LeftSessions;
  readonly provider: Pick<Provider, "forget">;
  /** Delay after the first failed attempt. Doubles with each further one. */
  readonly firstWaitMs: number;
  readonly log: Logger;
}

/**
 * Deletes provider sessions of ended portraits (P8), a few at a time and outside the gate, because deletions are free.
 * Backs off after a failure, so that an unreachable provider or a bad key causes few requests.
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

  /** Starts a pass if one is due. Returns at once. */
  tick(nowMs = performance.now()): void {
    if (this.#underWay !== undefined || this.#stopping.signal.aborted || nowMs < this.#restsUntil) return;
    this.#underWay = this.#clear()
      .catch((error: unknown) => {
        const { lane, log } = this.#options;
        log.warn({ lane }, `deleting provider sessions failed: ${messageOf(error)}`);
      })
      .finally(() => (this.#underWay = undefined));
  }

  /** Retries at once after the lane was unblocked. */
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
          "sessions of ended portraits could not be deleted at the provider yet",
        );
        return;
      }
    }
  }

  /** Aborts running deletions. Another worker repeats them. */
  async close(): Promise<void> {
    this.#stopping.abort(new Error("the worker stops"));
    await this.#underWay;
  }
}
