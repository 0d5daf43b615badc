/** Number of remembered names. Rows that share a name are usually close together. */
const MOST_NAMES = 10_000;

/** The row that took an id or a result's name. */
export interface NameOwner {
  readonly source: string;
  /** The manifest's line; undefined for a listed photo. */
  readonly line: number | undefined;
  /** The name as written by that row. */
  readonly name: string;
}

/** Remembers which row took each of the latest names. Only for messages. */
export class NameOwners {
  #latest = new Map<string, NameOwner>();
  /** The previous generation. Dropped as a whole, because deleting a map's oldest entries one by one is slow. */
  #before = new Map<string, NameOwner>();

  add(key: string, owner: NameOwner): void {
    this.#latest.set(key, owner);
    if (this.#latest.size < MOST_NAMES) return;
    this.#before = this.#latest;
    this.#latest = new Map();
  }

  ownerOf(key: string): NameOwner | undefined {
    return this.#latest.get(key) ?? this.#before.get(key);
  }
}
