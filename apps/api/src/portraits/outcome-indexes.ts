import { OutcomeIndex, type EndedAs } from "@darkroom/archive";
import type { OpenStore, OutcomeLine } from "@darkroom/core";
import type { BatchRecord, Ledger } from "@darkroom/ledger";

/** Portraits of the batches whose outcomes are in memory, at 3 bytes each; the batch used last counts always. */
const MOST_PORTRAITS = 16_000_000;
/** Report parts read for one request. Each has up to 5,000 outcomes. */
const PARTS_A_REQUEST = 200;
/** Undrained outcome lines read for one request. */
const MOST_UNDRAINED = 5_000;

interface Needs {
  readonly ledger: Pick<Ledger, "undrainedOutcomes">;
  readonly openStore: OpenStore;
}

/** Finds out how the portraits of a batch ended. */
export type EndOf = (index: number) => EndedAs | undefined;

interface Kept {
  readonly index: OutcomeIndex;
  /** The latest reading; readings of one batch follow each other. */
  reading: Promise<boolean>;
}

/** Outcomes of the batches that clients filter, in order of use. */
export class OutcomeIndexes {
  readonly #kept = new Map<string, Kept>();

  /**
   * Reads how a batch's portraits ended.
   *
   * @returns undefined if there is more to read; ask again
   */
  async of({ ledger, openStore }: Needs, { spec, counts, rounds }: BatchRecord): Promise<EndOf | undefined> {
    // Read first, so that no line is missed while it moves to a report part.
    const undrained = await ledger.undrainedOutcomes(spec.id, MOST_UNDRAINED);
    const kept = this.#use(spec.id);
    const batch = { id: spec.id, total: counts.total, rounds };
    const { index } = kept;
    const read = async (): Promise<boolean> =>
      await index.catchUp(openStore(spec.destination.url), batch, PARTS_A_REQUEST);
    kept.reading = kept.reading.then(read, read);
    if (!(await kept.reading)) return undefined;
    for (const { line } of undrained) index.add(JSON.parse(line) as OutcomeLine, rounds);
    return (place) => index.at(place);
  }

  #use(batchId: string): Kept {
    const kept = this.#kept.get(batchId) ?? { index: new OutcomeIndex(), reading: Promise.resolve(true) };
    this.#kept.delete(batchId);
    this.#kept.set(batchId, kept);
    let portraits = [...this.#kept.values()].reduce((sum, { index }) => sum + index.size, 0);
    for (const [oldest, { index }] of this.#kept) {
      if (portraits <= MOST_PORTRAITS || oldest === batchId) break;
      this.#kept.delete(oldest);
      portraits -= index.size;
    }
    return kept;
  }
}
