import { PORTRAIT_STATES, type PortraitState } from "@darkroom/core/portrait";
import { REVIEWED_CODES, type ReviewCounts, type ReviewState } from "@darkroom/core/review";

const STATE_CODES = Array.from({ length: 16 }, (_, code) => {
  const state = REVIEWED_CODES.find((each) => each.code === code)?.state;
  return state === undefined ? Math.min(code, PORTRAIT_STATES.length - 1) : PORTRAIT_STATES.indexOf(state);
});

/** Code → review state; undefined for a portrait without a result. */
const REVIEWS = Array.from({ length: 16 }, (_, code): ReviewState | undefined => {
  const decided = REVIEWED_CODES.find((each) => each.code === code)?.review;
  const state = PORTRAIT_STATES[code];
  return decided ?? (state === "succeeded" || state === "skipped" ? "undecided" : undefined);
});

/** Selects portraits of a sheet. An empty set selects all. */
export interface SheetFilter {
  readonly states: ReadonlySet<PortraitState>;
  readonly reviews: ReadonlySet<ReviewState>;
  /** True for portraits that stand out from their team. */
  readonly standsOut: boolean;
}

/** The decisions about some portraits. */
export interface DecidedPortraits {
  readonly state: ReviewState;
  readonly indexes: readonly number[];
}

/**
 * The states of all portraits of a batch, as the API serves them: 4 bits each, the even index in the high bits.
 * Includes the decisions about results.
 */
export class StatesMap {
  readonly length: number;
  readonly #bytes: Uint8Array;
  readonly #cancelled: boolean;

  /** @param cancelled true if the batch was cancelled, so that portraits that never started count as cancelled */
  constructor(bytes: Uint8Array, length: number, cancelled = false) {
    this.#bytes = bytes;
    this.length = length;
    this.#cancelled = cancelled;
  }

  #nibbleAt(index: number): number {
    const byte = this.#bytes[index >> 1] ?? 0;
    const code = index % 2 === 0 ? byte >> 4 : byte & 15;
    return code === 0 && this.#cancelled ? PORTRAIT_STATES.indexOf("cancelled") : code;
  }

  /** Returns the code of a portrait's state: its index in `PORTRAIT_STATES`. */
  codeAt(index: number): number {
    return STATE_CODES[this.#nibbleAt(index)] ?? 0;
  }

  stateAt(index: number): PortraitState {
    return PORTRAIT_STATES[this.codeAt(index)] ?? "pending";
  }

  /** Returns the decision about a portrait's result; undefined without a result. */
  reviewAt(index: number): ReviewState | undefined {
    return REVIEWS[this.#nibbleAt(index)];
  }

  /** Counts the results by decision. */
  reviewCounts(): ReviewCounts {
    const counts = { undecided: 0, approved: 0, rejected: 0 };
    for (let index = 0; index < this.length; index++) {
      const review = this.reviewAt(index);
      if (review !== undefined) counts[review]++;
    }
    return counts;
  }

  /** Returns a copy with these decisions. Portraits without a result do not change. */
  decided(changes: readonly DecidedPortraits[]): StatesMap {
    if (changes.length === 0) return this;
    const bytes = new Uint8Array(Math.ceil(this.length / 2));
    bytes.set(this.#bytes.subarray(0, bytes.length));
    for (const { state: review, indexes } of changes) {
      for (const index of indexes) {
        if (index >= this.length || this.reviewAt(index) === undefined) continue;
        const state = this.stateAt(index);
        const known = REVIEWED_CODES.find((each) => each.state === state && each.review === review);
        const code = known?.code ?? PORTRAIT_STATES.indexOf(state);
        const byte = bytes[index >> 1] ?? 0;
        bytes[index >> 1] = index % 2 === 0 ? (byte & 15) | (code << 4) : (byte & 0xf0) | code;
      }
    }
    return new StatesMap(bytes, this.length, this.#cancelled);
  }

  /** Returns the indexes that match, in order. */
  indexesIn({ states, reviews }: Pick<SheetFilter, "states" | "reviews">): Indexes {
    if (states.size === 0 && reviews.size === 0) return { length: this.length, at: (place) => place };
    const isWanted = Array.from({ length: 16 }, (_, code) => {
      const state = PORTRAIT_STATES[STATE_CODES[code] ?? 0] ?? "pending";
      const review = REVIEWS[code];
      const fits = reviews.size === 0 || (review !== undefined && reviews.has(review));
      return fits && (states.size === 0 || states.has(state));
    });
    const found = new Uint32Array(this.length);
    let count = 0;
    for (let index = 0; index < this.length; index++)
      if (isWanted[this.#nibbleAt(index)] === true) found[count++] = index;
    const kept = found.subarray(0, count);
    return { length: count, at: (place) => kept[place] ?? 0 };
  }
}

/** The portraits that a sheet shows: place in the sheet → index in the batch. */
export interface Indexes {
  readonly length: number;
  readonly at: (place: number) => number;
}

/** Returns those portraits that `some` has, in order. */
export function among(shown: Indexes, some: Pick<ReadonlyMap<number, unknown>, "has">): Indexes {
  const kept: number[] = [];
  for (let place = 0; place < shown.length; place++) {
    const index = shown.at(place);
    if (some.has(index)) kept.push(index);
  }
  return { length: kept.length, at: (place) => kept[place] ?? 0 };
}
