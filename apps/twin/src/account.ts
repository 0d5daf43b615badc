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

  /** Sets a turn aside; false when none is left. */
  reserve(): boolean {
    if (this.#turnsLeft - this.#reserved < 1) return false;
    this.#reserved += 1;
    return true;
  }

  /** Ends a reservation, with or without paying. */
  settle(paid: boolean): void {
    this.#reserved -= 1;
    if (paid) this.#turnsLeft -= 1;
  }
}
