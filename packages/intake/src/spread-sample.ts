/**
 * Samples a stream of unknown length evenly, with at most twice the limit in memory. Deterministic for the same stream.
 */
export class SpreadSample<T> {
  readonly #limit: number;
  #kept: T[] = [];
  #stride = 1;
  #seen = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(item: T): void {
    const isWanted = this.#seen % this.#stride === 0;
    this.#seen += 1;
    if (!isWanted) return;
    this.#kept.push(item);
    if (this.#kept.length < this.#limit * 2) return;
    this.#kept = this.#kept.filter((_, i) => i % 2 === 0);
    this.#stride *= 2;
  }

  /** Returns up to `limit` items in stream order; all items of a shorter stream. */
  items(): readonly T[] {
    const count = this.#kept.length;
    if (count <= this.#limit) return this.#kept;
    return this.#kept.filter(
      (_, i) => Math.floor((i * this.#limit) / count) !== Math.floor(((i - 1) * this.#limit) / count),
    );
  }
}
