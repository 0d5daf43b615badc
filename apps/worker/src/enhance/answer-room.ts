import type { MemoryBudget } from "@darkroom/imaging";

/**
 * Memory reserved for the pictures of one portrait's answers. If an answer is larger, its connection is paused until no
 * other oversized answer is in memory. The holder of that single slot never waits for another holder.
 */
export class AnswerRoom {
  readonly #outgrown: MemoryBudget;
  readonly #bytes: number;
  readonly #signal: AbortSignal;
  readonly #over = Promise.withResolvers<void>();
  #place: Promise<void> | undefined;
  #isOutgrown = false;

  /** @param outgrown the single slot for an answer larger than its reservation */
  constructor(outgrown: MemoryBudget, bytes: number, signal: AbortSignal) {
    this.#outgrown = outgrown;
    this.#bytes = bytes;
    this.#signal = signal;
  }

  /** @returns undefined when that many bytes fit; otherwise a promise to await before reading on */
  admit(bytes: number): Promise<void> | undefined {
    if (bytes <= this.#bytes || this.#isOutgrown) return undefined;
    this.#place ??= new Promise((resolve, reject) => {
      const hold = (): Promise<void> => {
        this.#isOutgrown = true;
        resolve();
        return this.#over.promise;
      };
      this.#outgrown.use(1, hold, this.#signal).catch(reject);
    });
    return this.#place;
  }

  /** Releases the memory once the pictures are stored or given up. */
  close(): void {
    this.#over.resolve();
  }
}
