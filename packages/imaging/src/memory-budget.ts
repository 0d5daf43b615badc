interface Waiting {
  readonly bytes: number;
  readonly begin: () => void;
}

/**
 * A memory budget for pictures, shared by all portraits of a process. Work starts in order of arrival, so that a large
 * picture does not starve. A picture larger than the whole budget runs alone.
 */
export class MemoryBudget {
  readonly totalBytes: number;
  readonly #waiting: Waiting[] = [];
  #usedBytes = 0;

  constructor(totalBytes: number) {
    this.totalBytes = totalBytes;
  }

  /** Bytes held by running work. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /**
   * Runs `work` while this many bytes are reserved. `work` must not reserve from the same budget, because two such
   * callers would deadlock.
   *
   * @param bytes an estimate, see `workBytes`
   * @param signal aborts the wait with its reason; started work continues
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
