/** Names that are remembered: rows that share one are near to each other, as a rule. */
const MOST_NAMES = 10_000;

/** The row that has an id, or that a result's name belongs to. */
export interface NameOwner {
  readonly source: string;
  /** The line of a manifest; undefined for a listed photo. */
  readonly line: number | undefined;
  /** The name as that row writes it. */
  readonly name: string;
}

/** Remembers which row took a name, of the latest names. For messages only. */
export class NameOwners {
  #latest = new Map<string, NameOwner>();
  /** Those before: a whole map goes at once, as a map is slow to give up its oldest name. */
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
