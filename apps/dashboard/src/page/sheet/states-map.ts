import { PORTRAIT_STATES, type PortraitState } from "@darkroom/core/portrait";

/** The states of all portraits of a batch, in the ledger's format: 4 bits each, the even index in the high bits. */
export class StatesMap {
  readonly length: number;
  readonly #bytes: Uint8Array;
  readonly #pendingShows: number;

  /** @param cancelled true if the batch was cancelled, so that portraits that never started count as cancelled */
  constructor(bytes: Uint8Array, length: number, cancelled = false) {
    this.#bytes = bytes;
    this.length = length;
    this.#pendingShows = PORTRAIT_STATES.indexOf(cancelled ? "cancelled" : "pending");
  }

  /** Returns the code of a portrait's state: its index in `PORTRAIT_STATES`. */
  codeAt(index: number): number {
    const byte = this.#bytes[index >> 1] ?? 0;
    const code = index % 2 === 0 ? byte >> 4 : byte & 15;
    return code === 0 ? this.#pendingShows : code;
  }

  stateAt(index: number): PortraitState {
    return PORTRAIT_STATES[this.codeAt(index)] ?? "pending";
  }

  /** Returns the indexes whose state is in `wanted`, in order; all indexes if `wanted` is empty. */
  indexesIn(wanted: ReadonlySet<PortraitState>): Indexes {
    if (wanted.size === 0) return { length: this.length, at: (place) => place };
    const isWanted = PORTRAIT_STATES.map((state) => wanted.has(state));
    const found = new Uint32Array(this.length);
    let count = 0;
    for (let index = 0; index < this.length; index++) if (isWanted[this.codeAt(index)] === true) found[count++] = index;
    const kept = found.subarray(0, count);
    return { length: count, at: (place) => kept[place] ?? 0 };
  }
}

/** The portraits that a sheet shows: place in the sheet → index in the batch. */
export interface Indexes {
  readonly length: number;
  readonly at: (place: number) => number;
}
