import { randomUUID } from "node:crypto";
import {
  type BatchSpec,
  type BatchState,
  type Control,
  type DaySpent,
  MICRO,
  type OutcomeLine,
  PORTRAIT_STATES,
  type PortraitState,
  type PriceKinds,
  sumSpent,
  tenantOf,
  isWithoutResult,
} from "@darkroom/core";
import { defineScript, serverNow, type RedisConnection } from "@darkroom/redis-kit";
import { dayFields, kindFields } from "../batch/batch-record.ts";
import { controlFields, tenantFields, type BatchLimits } from "../batch/control-fields.ts";
import { batchLedgerKeys, sharedKeys } from "../keys.ts";
import { recount } from "../scripts/batch-scripts.ts";
import { MOST_DETAILS } from "../scripts/constants.ts";
import { readScript } from "../scripts/lua-file.ts";
import { dropStrays } from "../scripts/portrait-scripts.ts";
import { scriptRunner, type RunScript } from "../scripts/run-script.ts";

const restoreBatch = defineScript(readScript("batch/restore-batch").lua);

/** Data, other than the meta hash, that is collected under temporary keys until the end. */
const PARTS = ["states", "rounds", "details", "failures", "outcomes", "recalls"] as const;
/** Expiry of a dead restore's temporary keys. */
const ABANDONED_MS = 3_600_000;

/** A batch as stored in the object store, for {@link BatchRestore.finish}. */
export interface RestoredBatch {
  readonly spec: BatchSpec;
  readonly limits: BatchLimits;
  /** The current limits: the spec's limits, as changed by later confirmations and approvals. */
  readonly control: Control | undefined;
  readonly state: Extract<BatchState, "ingesting" | "running" | "paused" | "awaiting_confirmation">;
  readonly parts: number;
  readonly total: number;
  readonly ingested: boolean;
  readonly kinds: PriceKinds;
  /** Costs, from which the totals are derived. */
  readonly days: readonly DaySpent[];
  readonly maybeBilled: number;
  readonly reportParts: number;
  /**
   * Amount held for each portrait that has not ended, until its provider was queried for calls from before Redis was
   * lost (USD). Absent without a budget, and for a provider that cannot be queried.
   */
  readonly toRecallUsd?: number | undefined;
  /** Further fields of the meta hash: users' changes. */
  readonly fields: Readonly<Record<string, string | number>>;
}

/**
 * Restores a batch that the ledger has lost. Collects its data under temporary keys and moves the keys into place with
 * one script at the end. A restore that dies leaves nothing visible. Of two concurrent restores, one wins.
 */
export class BatchRestore {
  readonly #redis: RedisConnection;
  readonly #run: RunScript;
  readonly #keys: ReturnType<typeof batchLedgerKeys>;
  /** Temporary keys of this restore, which expire if it dies. */
  readonly #parts: Readonly<Record<(typeof PARTS)[number], string>>;
  readonly #shared: ReturnType<typeof sharedKeys>;
  readonly #counts = new Map<PortraitState, number>();
  readonly #failures = new Map<string, number>();
  #details = 0;

  constructor(redis: RedisConnection, namespace: string, batchId: string) {
    this.#redis = redis;
    this.#run = scriptRunner(redis, namespace);
    this.#keys = batchLedgerKeys(namespace, batchId);
    const own = `${namespace}:{${batchId}}:restore-${randomUUID()}`;
    this.#parts = {
      states: `${own}:states`,
      rounds: `${own}:rounds`,
      details: `${own}:details`,
      failures: `${own}:failures`,
      outcomes: `${own}:outcomes`,
      recalls: `${own}:recalls`,
    };
    this.#shared = sharedKeys(namespace);
  }

  /**
   * Adds the states of portraits `start` … `start + states.length - 1`.
   *
   * @param start a multiple of 8
   * @param ended outcome lines that are detailed (`isDetailed`). Those of failed and cancelled portraits are counted
   * @param reopened index → round, for portraits that a round has reopened and that are waiting
   */
  async add(
    start: number,
    states: readonly PortraitState[],
    ended: readonly OutcomeLine[],
    reopened: ReadonlyMap<number, number> = new Map(),
  ): Promise<void> {
    const bytes = Buffer.alloc(Math.ceil(states.length / 2));
    states.forEach((state, offset) => {
      const nibble = PORTRAIT_STATES.indexOf(state);
      const place = offset >> 1;
      bytes[place] = (bytes[place] ?? 0) | (offset % 2 === 0 ? nibble << 4 : nibble);
      this.#counts.set(state, (this.#counts.get(state) ?? 0) + 1);
    });
    await this.#redis.setrange(this.#parts.states, start / 2, bytes);
    const bits = Buffer.alloc(Math.ceil(states.length / 8));
    states.forEach((state, offset) => {
      if (state === "pending") bits[offset >> 3] = (bits[offset >> 3] ?? 0) | (0x80 >> (offset & 7));
    });
    await this.#redis.setrange(this.#parts.recalls, start / 8, bits);
    if (reopened.size > 0) {
      const rounds = Uint8Array.from(states, (_, offset) => reopened.get(start + offset) ?? 0);
      await this.#redis.setrange(this.#parts.rounds, start, Buffer.from(rounds));
    }
    const failed = ended.filter(({ code }) => isWithoutResult(code));
    for (const { code } of failed) this.#failures.set(code, (this.#failures.get(code) ?? 0) + 1);
    const kept = ended.slice(0, MOST_DETAILS - this.#details);
    this.#details += kept.length;
    if (kept.length > 0) {
      await this.#redis.hset(
        this.#parts.details,
        ...kept.flatMap((line) => [String(line.index), JSON.stringify(line)]),
      );
    }
    await this.#letExpire();
  }

  /** Sets the expiry after the write, because a key must exist to get one. */
  async #letExpire(): Promise<void> {
    await Promise.all(Object.values(this.#parts).map((key) => this.#redis.pexpire(key, ABANDONED_MS)));
  }

  /** Adds outcome lines that no report part contains. */
  async addOutcomes(lines: readonly OutcomeLine[]): Promise<void> {
    await Promise.all(lines.map((line) => this.#redis.xadd(this.#parts.outcomes, "*", "line", JSON.stringify(line))));
    if (lines.length > 0) await this.#letExpire();
  }

  /** Makes the batch visible. Returns false if the ledger already has the batch. */
  async finish(batch: RestoredBatch): Promise<boolean> {
    const { spec, limits, control, fields } = batch;
    const createdAt = Date.parse(spec.createdAt);
    const spent = sumSpent(batch.days);
    const toRecall = batch.toRecallUsd === undefined ? 0 : (this.#counts.get("pending") ?? 0);
    if (toRecall === 0) await this.#redis.del(this.#parts.recalls);
    if (this.#failures.size > 0) {
      await this.#redis.hset(this.#parts.failures, Object.fromEntries(this.#failures));
      await this.#letExpire();
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
      costMicroUsd: Math.round(spent.costUsd * MICRO),
      lostMicroUsd: Math.round(spent.lostUsd * MICRO),
      maybeMicroUsd: Math.round(spent.maybeUsd * MICRO),
      ...dayFields(batch.days, spec.lane),
      maybeBilled: batch.maybeBilled,
      reportSequence: batch.reportParts,
      ...kindFields(batch.kinds),
      round: 0,
      revision: 0,
      recovered: serverNow(),
      ...(toRecall === 0 ? {} : { toRecall, toRecallMicroUsd: Math.round((batch.toRecallUsd ?? 0) * MICRO) }),
      ...(batch.ingested ? { ingested: 1 } : {}),
      ...Object.fromEntries([...tenantFields(spec), ...controlFields(control, limits)]),
      ...fields,
    };
    const places = PARTS.flatMap((part) => [this.#parts[part], this.#keys[part]]);
    const made = await restoreBatch.run(
      this.#redis,
      [this.#keys.meta, this.#keys.feed, ...places],
      Object.entries(meta).flat(),
    );
    if (made === 1) await this.#countLeftovers(spec.id);
    await this.list(spec);
    return made === 1;
  }

  /** Counts the data that Redis still had of a batch whose meta hash was gone. */
  async #countLeftovers(batchId: string): Promise<void> {
    const { receipts, claims } = this.#keys;
    const fields = [...(await this.#redis.hkeys(receipts)), ...(await this.#redis.hkeys(claims))];
    const indexes = new Set(fields.filter((field) => !field.includes(":")));
    if (indexes.size === 0) return;
    const rows = [...indexes].map((i) => ({ i }));
    await this.#run(dropStrays, batchId, {}, rows);
    await this.#run(recount, batchId, { fix: 1 });
  }

  /** Adds a batch of the ledger to the active ones. Idempotent. */
  async list(spec: BatchSpec): Promise<void> {
    const createdAt = Date.parse(spec.createdAt);
    await this.#redis.zadd(this.#shared.batchesOf(tenantOf(spec)), createdAt, spec.id);
    await this.#redis.zadd(this.#shared.batches, createdAt, spec.id);
    await this.#redis.sadd(this.#shared.active, spec.id);
  }
}
