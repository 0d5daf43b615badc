/** The account's balance in turns. A running call reserves its turn, so that parallel calls cannot overspend. */
export class Account {
  #turnsLeft: number;
  #reserved = 0;

  /** @param turns undefined for an unlimited balance */
  constructor(turns: number | undefined) {
    this.#turnsLeft = turns ?? Infinity;
  }

  set(turns: number | undefined): void {
    this.#turnsLeft = turns ?? Infinity;
  }

  get turnsLeft(): number | undefined {
    return Number.isFinite(this.#turnsLeft) ? this.#turnsLeft : undefined;
  }

  /** Reserves turns, one by default. Returns false when fewer are left. */
  reserve(turns = 1): boolean {
    if (this.#turnsLeft - this.#reserved < turns) return false;
    this.#reserved += turns;
    return true;
  }

  /** Ends a reservation, with or without paying. */
  settle(paid: boolean, turns = 1): void {
    this.#reserved -= turns;
    if (paid) this.#turnsLeft -= turns;
  }
}
