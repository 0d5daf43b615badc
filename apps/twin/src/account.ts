/** The account's money, in turns. Work that runs has its turn set aside, so that parallel calls cannot overspend. */
export class Account {
  #turnsLeft: number;
  #reserved = 0;

  /** @param turns undefined for an endless balance */
  constructor(turns: number | undefined) {
    this.#turnsLeft = turns ?? Infinity;
  }

  set(turns: number | undefined): void {
    this.#turnsLeft = turns ?? Infinity;
  }

  get turnsLeft(): number | undefined {
    return Number.isFinite(this.#turnsLeft) ? this.#turnsLeft : undefined;
  }

  /** Sets turns aside, one unless said otherwise; false when not as many are left. */
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
