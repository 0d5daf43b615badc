/** Names that are remembered: photos that share one are near to each other in a listing, as a rule. */
const MOST_NAMES = 10_000;

/** Remembers which photo of a listing took a result's name, of the latest names. For messages only. */
export class NameOwners {
  readonly #owners = new Map<string, string>();

  add(name: string, source: string): void {
    this.#owners.set(name, source);
    if (this.#owners.size <= MOST_NAMES) return;
    const [oldest] = this.#owners.keys();
    if (oldest !== undefined) this.#owners.delete(oldest);
  }

  ownerOf(name: string): string | undefined {
    return this.#owners.get(name);
  }
}
