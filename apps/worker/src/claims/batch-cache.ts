import { recipeOfPortrait, type BatchSpec, type Recipe, type Round } from "@darkroom/core";
import type { FailoverDetector, Ledger } from "@darkroom/ledger";

const KEPT = 256;

interface Kept {
  readonly spec: BatchSpec;
  readonly rounds: readonly Round[];
  /** The server epoch at the time of the read. */
  readonly since: number;
  /** Round → recipe. Portraits of one round share the object, because thousands may be in memory. */
  readonly recipes: Map<number, Recipe>;
}

/**
 * Caches the specs and rounds of recent batches. A spec changes only when another account takes over the batch (see
 * {@link BatchCache.forget}). Rounds are only appended, but a failover may lose a round and reuse its number, so
 * entries are valid for one server epoch.
 */
export class BatchCache {
  readonly #ledger: Ledger;
  readonly #continuity: Pick<FailoverDetector, "since">;
  readonly #kept = new Map<string, Kept>();
  readonly #first = new Map<string, Promise<Kept | undefined>>();

  constructor(ledger: Ledger, continuity: Pick<FailoverDetector, "since">) {
    this.#ledger = ledger;
    this.#continuity = continuity;
  }

  async spec(batchId: string): Promise<BatchSpec | undefined> {
    return (this.#kept.get(batchId) ?? (await this.#readFirst(batchId)))?.spec;
  }

  /** Drops the entry of a batch that another account has taken over. */
  forget(batchId: string): void {
    this.#kept.delete(batchId);
  }

  /**
   * Returns the recipe of a portrait's round; undefined when the ledger no longer has the batch.
   *
   * @param batchRound the batch's latest round
   */
  async recipe(batchId: string, round: number, batchRound: number): Promise<Recipe | undefined> {
    const kept = this.#kept.get(batchId);
    const isBehind = kept === undefined || kept.rounds.length < batchRound;
    const known = isBehind || kept.since !== (await this.#continuity.since()) ? await this.#read(batchId) : kept;
    return known === undefined ? undefined : recipeOf(known, round);
  }

  /** Shares one read among the portraits of a batch that start together. */
  async #readFirst(batchId: string): Promise<Kept | undefined> {
    const under = this.#first.get(batchId);
    if (under !== undefined) return await under;
    const reading = this.#read(batchId).finally(() => this.#first.delete(batchId));
    this.#first.set(batchId, reading);
    return await reading;
  }

  async #read(batchId: string): Promise<Kept | undefined> {
    const since = await this.#continuity.since();
    const record = await this.#ledger.read(batchId);
    if (record === undefined) return undefined;
    const { spec, rounds } = record;
    const kept: Kept = { spec, rounds, since, recipes: new Map() };
    this.#kept.set(batchId, kept);
    const oldest = this.#kept.keys().next().value;
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return kept;
  }
}

function recipeOf({ spec, rounds, recipes }: Kept, round: number): Recipe {
  const kept = recipes.get(round);
  if (kept !== undefined) return kept;
  const recipe = recipeOfPortrait(spec.recipe, rounds, round);
  recipes.set(round, recipe);
  return recipe;
}
