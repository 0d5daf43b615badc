import { recipeOfPortrait, type BatchSpec, type Recipe, type Round } from "@darkroom/core";
import type { Continuity, Ledger } from "@darkroom/ledger";

const KEPT = 256;

interface Kept {
  readonly spec: BatchSpec;
  readonly rounds: readonly Round[];
  /** The run of Redis that they were read from. */
  readonly since: number;
}

/**
 * The specs of the batches that were worked on last. A spec never changes, and rounds are only added, unless Redis has
 * forgotten one: its number may then be another round's.
 */
export class BatchCache {
  readonly #ledger: Ledger;
  readonly #continuity: Pick<Continuity, "since">;
  readonly #kept = new Map<string, Kept>();

  constructor(ledger: Ledger, continuity: Pick<Continuity, "since">) {
    this.#ledger = ledger;
    this.#continuity = continuity;
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
    const isBehind = kept === undefined || kept.rounds.length < batchRound;
    const known = isBehind || kept.since !== (await this.#continuity.since()) ? await this.#read(batchId) : kept;
    return known === undefined ? undefined : recipeOfPortrait(known.spec.recipe, known.rounds, round);
  }

  async #read(batchId: string): Promise<Kept | undefined> {
    const since = await this.#continuity.since();
    const record = await this.#ledger.read(batchId);
    if (record === undefined) return undefined;
    const { spec, rounds } = record;
    const kept: Kept = { spec, rounds, since };
    this.#kept.set(batchId, kept);
    const oldest = this.#kept.keys().next().value;
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return kept;
  }
}
