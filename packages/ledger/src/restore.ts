import {
  PORTRAIT_STATES,
  type BatchSpec,
  type BatchState,
  type Control,
  type OutcomeLine,
  type PortraitState,
} from "@darkroom/core";
import type { RedisConnection } from "@darkroom/redis-kit";
import { controlFields, MICRO, type BatchLimits } from "./control-fields.ts";
import { batchLedgerKeys, sharedKeys } from "./keys.ts";
import { restoreBatch } from "./scripts/restore-script.ts";

/** As many details as a batch keeps by itself. */
const MOST_DETAILS = 10_000;

/** A batch as the object store has it, for {@link BatchRestore.finish}. */
export interface RestoredBatch {
  readonly spec: BatchSpec;
  readonly limits: BatchLimits;
  /** What holds now: the spec's own, less what was confirmed or approved since. */
  readonly control: Control | undefined;
  readonly state: Extract<BatchState, "ingesting" | "running" | "paused" | "awaiting_confirmation">;
  readonly parts: number;
  readonly total: number;
  readonly ingested: boolean;
  readonly costUsd: number;
  readonly maybeBilled: number;
  readonly reportParts: number;
  /** More fields of the meta hash: what people had done to the batch. */
  readonly fields: Readonly<Record<string, string | number>>;
}

/**
 * Puts a batch back into a ledger that has forgotten it: states first, and the batch itself at the end in one script, so
 * that a restore that dies leaves nothing that anybody would work on. Begin it anew then.
 */
export class BatchRestore {
  readonly #redis: RedisConnection;
  readonly #keys: ReturnType<typeof batchLedgerKeys>;
  readonly #shared: ReturnType<typeof sharedKeys>;
  readonly #counts = new Map<PortraitState, number>();
  readonly #failures = new Map<string, number>();
  #details = 0;

  constructor(redis: RedisConnection, namespace: string, batchId: string) {
    this.#redis = redis;
    this.#keys = batchLedgerKeys(namespace, batchId);
    this.#shared = sharedKeys(namespace);
  }

  /** Forgets what an earlier restore that died has left. */
  async begin(): Promise<void> {
    const { meta: _, ...rest } = this.#keys;
    await Promise.all(Object.values(rest).map((key) => this.#redis.del(key)));
  }

  /**
   * The states of portraits `start` … `start + states.length - 1`.
   *
   * @param start an even index
   * @param ended outcome lines of those that ended badly, for the counts and the details
   */
  async add(start: number, states: readonly PortraitState[], ended: readonly OutcomeLine[]): Promise<void> {
    const bytes = Buffer.alloc(Math.ceil(states.length / 2));
    states.forEach((state, offset) => {
      const nibble = PORTRAIT_STATES.indexOf(state);
      const place = offset >> 1;
      bytes[place] = (bytes[place] ?? 0) | (offset % 2 === 0 ? nibble << 4 : nibble);
      this.#counts.set(state, (this.#counts.get(state) ?? 0) + 1);
    });
    await this.#redis.setrange(this.#keys.states, start / 2, bytes);
    for (const { code } of ended) this.#failures.set(code, (this.#failures.get(code) ?? 0) + 1);
    const kept = ended.slice(0, MOST_DETAILS - this.#details);
    this.#details += kept.length;
    if (kept.length > 0) {
      await this.#redis.hset(this.#keys.details, ...kept.flatMap((line) => [String(line.index), JSON.stringify(line)]));
    }
  }

  /** Outcome lines that no report part holds. */
  async addOutcomes(lines: readonly OutcomeLine[]): Promise<void> {
    await Promise.all(lines.map((line) => this.#redis.xadd(this.#keys.outcomes, "*", "line", JSON.stringify(line))));
  }

  /** The batch is there from now on. Returns false when the ledger knew it after all. */
  async finish(batch: RestoredBatch): Promise<boolean> {
    const { spec, limits, control, fields } = batch;
    const createdAt = Date.parse(spec.createdAt);
    if (this.#failures.size > 0) {
      await this.#redis.hset(this.#keys.failures, Object.fromEntries(this.#failures));
    }
    const meta: Readonly<Record<string, string | number>> = {
      spec: JSON.stringify(spec),
      createdAt,
      state: batch.state,
      total: batch.total,
      parts: batch.parts,
      cursor: 0,
      epoch: 1,
      ...Object.fromEntries(PORTRAIT_STATES.map((state, place) => [`n${place}`, this.#counts.get(state) ?? 0])),
      costMicroUsd: Math.round(batch.costUsd * MICRO),
      maybeBilled: batch.maybeBilled,
      reportSequence: batch.reportParts,
      round: 0,
      revision: 0,
      recovered: Date.now(),
      ...(batch.ingested ? { ingested: 1 } : {}),
      ...Object.fromEntries(controlFields(control, limits)),
      ...fields,
    };
    const made = await restoreBatch.run(this.#redis, [this.#keys.meta], Object.entries(meta).flat());
    await this.list(spec.id, createdAt);
    return made === 1;
  }

  /** Puts a batch that is in the ledger among those that are looked after; it may be there already. */
  async list(batchId: string, createdAt: number): Promise<void> {
    await this.#redis.zadd(this.#shared.batches, createdAt, batchId);
    await this.#redis.sadd(this.#shared.active, batchId);
  }
}
