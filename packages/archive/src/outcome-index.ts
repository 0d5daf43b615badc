import {
  batchKeys,
  isForgotten,
  OUTCOME_CODES,
  type Billed,
  type ObjectStore,
  type OutcomeCode,
  type OutcomeLine,
  type Round,
} from "@darkroom/core";
import { readReportPart } from "./report-part.ts";

const BILLED: readonly Billed[] = ["no", "yes", "maybe"];
/** Report parts read at once. */
const AT_ONCE = 8;

/** The latest outcome of a portrait. */
export interface EndedAs {
  readonly code: OutcomeCode;
  readonly billed: Billed;
  /** The round that opened it last; 0 for the first. */
  readonly round: number;
}

interface IndexedBatch {
  readonly id: string;
  readonly total: number;
  readonly rounds: readonly Round[];
}

/** The outcomes of one batch's portraits, read from its report parts: three bytes per portrait. */
export class OutcomeIndex {
  /** Code's place in `OUTCOME_CODES` and 1; 0 if none is known. */
  #codes = new Uint8Array();
  #billed = new Uint8Array();
  #rounds = new Uint8Array();
  #read = new Set<string>();
  #forgotten = "";

  /** Approximate size, in portraits. */
  get size(): number {
    return this.#codes.length;
  }

  /**
   * Reads the report parts added since the last call.
   *
   * @param most maximum number of parts to read
   * @returns false if there are more
   */
  async catchUp(store: ObjectStore, batch: IndexedBatch, most: number): Promise<boolean> {
    this.#fit(batch);
    const added: string[] = [];
    for await (const { key } of store.list({ prefix: batchKeys(batch.id).reportPrefix })) {
      if (!this.#read.has(key)) added.push(key);
    }
    const next = added.slice(0, most);
    for (let start = 0; start < next.length; start += AT_ONCE) {
      const keys = next.slice(start, start + AT_ONCE);
      const parts = await Promise.all(keys.map(async (key) => await readReportPart(store, batch.id, key)));
      for (const part of parts) for (const { line } of part) this.add(line, batch.rounds);
      for (const key of keys) this.#read.add(key);
    }
    return added.length <= most;
  }

  /** Adds a line that is in no report part yet. */
  add(line: OutcomeLine, rounds: readonly Round[]): void {
    const { index, code, billed, round = 0 } = line;
    if (isForgotten(line, rounds) || round < (this.#rounds[index] ?? 0)) return;
    this.#codes[index] = OUTCOME_CODES.indexOf(code) + 1;
    this.#billed[index] = BILLED.indexOf(billed);
    this.#rounds[index] = round;
  }

  /** Returns how a portrait ended last, even if it was reopened since; undefined if it has not ended. */
  at(index: number): EndedAs | undefined {
    const code = OUTCOME_CODES[(this.#codes[index] ?? 0) - 1];
    if (code === undefined) return undefined;
    return { code, billed: BILLED[this.#billed[index] ?? 0] ?? "no", round: this.#rounds[index] ?? 0 };
  }

  /** Grows with the batch. Begins again if Redis has forgotten a round whose lines are here. */
  #fit({ total, rounds }: IndexedBatch): void {
    const forgotten = rounds
      .flatMap(({ number, codes, again }) => (codes.length === 0 || again ? [number] : []))
      .join();
    if (forgotten !== this.#forgotten) {
      this.#codes = new Uint8Array();
      this.#read = new Set();
      this.#forgotten = forgotten;
    }
    if (this.#codes.length >= total) return;
    const isNew = this.#codes.length === 0;
    const grown = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => {
      const larger = new Uint8Array(total);
      if (!isNew) larger.set(bytes);
      return larger;
    };
    this.#codes = grown(this.#codes);
    this.#billed = grown(this.#billed);
    this.#rounds = grown(this.#rounds);
  }
}
