import type { Entry, KeptAnswer } from "./entry.ts";
import { KEEP_KEY_MS, PENDING_MS, type SwapValue } from "./swap-value.ts";

/** A key that a running request holds. */
export class HeldRequest {
  readonly #swap: SwapValue;
  readonly #renewal: NodeJS.Timeout;
  #value: string;
  #renewing: Promise<void> = Promise.resolve();

  /**
   * @param running the key's entry, whose value Redis has
   * @param nowMs Redis' clock
   */
  constructor(swap: SwapValue, running: Extract<Entry, { kind: "running" }>, nowMs: () => number) {
    this.#swap = swap;
    this.#value = JSON.stringify(running);
    this.#renewal = setInterval(() => {
      this.#renewing = this.#replace({ ...running, seenAt: nowMs() }).catch(() => undefined);
    }, PENDING_MS / 3);
    this.#renewal.unref();
  }

  /** Keeps the answer for repetitions. */
  async end(digest: string, answer: KeptAnswer): Promise<void> {
    await this.abandon();
    await this.#replace({ kind: "answered", digest, answer });
  }

  /** Frees the key, because the request was refused. */
  async free(): Promise<void> {
    await this.abandon();
    await this.#swap(this.#value, "", 1);
  }

  /** Stops renewing the key, because the request's end will not be known. */
  async abandon(): Promise<void> {
    clearInterval(this.#renewal);
    await this.#renewing;
  }

  async #replace(entry: Entry): Promise<void> {
    const text = JSON.stringify(entry);
    if ((await this.#swap(this.#value, text, KEEP_KEY_MS)) === undefined) this.#value = text;
  }
}
