import { addSpent, NOTHING_SPENT, utcDay, type DaySpent, type OutcomeLine } from "@darkroom/core";

/** Sums a batch's costs by day and lane from its outcome lines, as the ledger does when it settles. */
export class DaySums {
  readonly #ownLane: string;
  readonly #sums = new Map<string, DaySpent>();

  /** @param ownLane the lane of lines that name none */
  constructor(ownLane: string) {
    this.#ownLane = ownLane;
  }

  add(line: OutcomeLine): void {
    const { lane = this.#ownLane } = line;
    const day = utcDay(line.at);
    const where = `${day} ${lane}`;
    const before = this.#sums.get(where) ?? { day, lane, ...NOTHING_SPENT };
    this.#sums.set(where, { ...before, ...addSpent(before, line) });
  }

  get days(): readonly DaySpent[] {
    return [...this.#sums.values()];
  }
}
