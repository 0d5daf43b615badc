interface Waiting {
  readonly bytes: number;
  readonly begin: () => void;
}

/**
 * Memory for pictures, shared by all that decode them in one process: however many portraits run at once, what they
 * decode together stays within it. First come, first served, so that a large picture is not passed over for ever; one
 * that is larger than all of the budget goes alone.
 */
export class MemoryBudget {
  readonly totalBytes: number;
  readonly #waiting: Waiting[] = [];
  #usedBytes = 0;

  constructor(totalBytes: number) {
    this.totalBytes = totalBytes;
  }

  /** Held by what runs now. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /**
   * Runs `work` while so many bytes are held for it. Work must not ask for more of the same budget: two that do so would
   * wait for each other.
   *
   * @param bytes an estimate, see `workBytes`
   * @param signal ends the wait, with its reason; what has begun runs on
   */
  async use<T>(bytes: number, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const held = Math.min(Math.max(0, bytes), this.totalBytes);
    await this.#enter(held, signal);
    try {
      return await work();
    } finally {
      this.#usedBytes -= held;
      this.#admit();
    }
  }

  async #enter(bytes: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        const place = this.#waiting.indexOf(waiting);
        if (place >= 0) this.#waiting.splice(place, 1);
        reject(signal?.reason as Error);
        this.#admit();
      };
      const waiting: Waiting = {
        bytes,
        begin: () => {
          signal?.removeEventListener("abort", leave);
          this.#usedBytes += bytes;
          resolve();
        },
      };
      signal?.addEventListener("abort", leave, { once: true });
      this.#waiting.push(waiting);
      this.#admit();
    });
  }

  #admit(): void {
    for (;;) {
      const [next] = this.#waiting;
      if (next === undefined || this.#usedBytes + next.bytes > this.totalBytes) return;
      this.#waiting.shift();
      next.begin();
    }
  }
}
