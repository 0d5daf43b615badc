import { recipeOfPortrait, type BatchSpec, type Recipe, type Round } from "@darkroom/core";
import type { Ledger } from "@darkroom/ledger";

const KEPT = 256;

interface Kept {
  readonly spec: BatchSpec;
  readonly rounds: readonly Round[];
}

/** The specs of the batches that were worked on last. A spec never changes, and rounds are only added. */
export class BatchCache {
  readonly #ledger: Ledger;
  readonly #kept = new Map<string, Kept>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  async spec(batchId: string): Promise<BatchSpec | undefined> {
    return (this.#kept.get(batchId) ?? (await this.#read(batchId)))?.spec;
  }

  /**
   * The recipe of a portrait of this round; undefined when the ledger no longer knows the batch.
   *
   * @param batchRound the batch's present round, up to which answers are known
   */
  async recipe(batchId: string, round: number, batchRound: number): Promise<Recipe | undefined> {
    const kept = this.#kept.get(batchId);
    const known = kept === undefined || kept.rounds.length < batchRound ? await this.#read(batchId) : kept;
    return known === undefined ? undefined : recipeOfPortrait(known.spec.recipe, known.rounds, round);
  }

  async #read(batchId: string): Promise<Kept | undefined> {
    const record = await this.#ledger.read(batchId);
    if (record === undefined) return undefined;
    const { spec, rounds } = record;
    this.#kept.set(batchId, { spec, rounds });
    const oldest = this.#kept.keys().next().value;
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return { spec, rounds };
  }
}
