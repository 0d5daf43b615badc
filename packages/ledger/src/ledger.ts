import {
  type BatchConsistency,
  type BatchLikeness,
  type BatchSpec,
  type BatchState,
  DEFAULT_TENANT,
  isEnded,
  type LeftBehindCounts,
  tenantOf,
} from "@darkroom/core";
import type { RedisConnection } from "@darkroom/redis-kit";
import { serverNow } from "@darkroom/redis-kit";
import { batchLedgerKeys, sharedKeys } from "./keys.ts";
import { LostResults } from "./portrait/lost-results.ts";
import { parseBatchRecord, type BatchRecord } from "./batch/batch-record.ts";
import { DISPATCH_FIELDS, parseDispatchCounts, type DispatchCounts } from "./batch/dispatch-counts.ts";
import { controlFields, tenantFields, type BatchLimits } from "./batch/control-fields.ts";
import * as scripts from "./scripts/batch-scripts.ts";
import { scriptRunner, type RunScript } from "./scripts/run-script.ts";
import { Backlog } from "./batch/backlog.ts";
import { BatchControl } from "./batch/batch-control.ts";
import { ledgerMarks } from "./failover/ledger-mark.ts";
import { ClaimQueries } from "./failover/claim-queries.ts";
import { PortraitClaims } from "./portrait/portrait-claims.ts";
import { PortraitMoney } from "./portrait/portrait-money.ts";
import { PortraitReads } from "./portrait/portrait-reads.ts";
import { StoppedPortraits } from "./portrait/stopped-portraits.ts";
import type { CountedPart, StreamedOutcome } from "./ledger-answers.ts";
import { Stalls } from "./batch/stalls.ts";
import { Waits } from "./batch/waits.ts";
import { Conditions } from "./batch/conditions.ts";
import { Feed } from "./feed/feed.ts";
import { Reviews } from "./review/reviews.ts";
import { lineOf } from "./outcome-stream.ts";

/** How long an ended batch stays in Redis. Its report stays in the object store. */
const KEEP_ENDED_MS = 30 * 24 * 3_600_000;

/**
 * Number of old batches checked when one ends. More than one, so that batches that wait for months do not keep others
 * on the list.
 */
const PRUNED_AT_ONCE = 1_000;

/** Number of newest batches searched for batches missing from the active list. */
const ADOPTED_FROM = 500;

/**
 * The exact record of every portrait's state (P1, P2). This class covers whole batches: their list, ingest, outcome
 * lines and end. Only its components change portraits, through the scripts in `scripts/`.
 */
export class Ledger extends PortraitReads {
  readonly #redis: RedisConnection;
  readonly #namespace: string;
  readonly #shared: ReturnType<typeof sharedKeys>;
  readonly #run: RunScript;
  /** Workers' operations on portraits that they have claimed. */
  readonly claims: PortraitClaims;
  /** The portraits' authorizations from the budget. */
  readonly money: PortraitMoney;
  /** The pending portraits, and the transitions back to pending. */
  readonly backlog: Backlog;
  /** Decisions about a whole batch. */
  readonly control: BatchControl;
  /** Waiting portraits of stopped batches with a provider call. */
  readonly stopped: StoppedPortraits;
  /** Queries about claims that may be orphaned. */
  readonly claimQueries: ClaimQueries;
  /** Paid pictures of portraits that ended without them. */
  readonly lostResults: LostResults;
  /** Recorded wait reasons of portraits. */
  readonly waits: Waits;
  /** Recorded wait reasons of batches whose producer's duty fails. */
  readonly stalls: Stalls;
  /** The events of all batches. */
  readonly feed: Feed;
  /** Reports in the feed the conditions that keep batches from making progress. */
  readonly conditions: Conditions;
  /** The decisions about results. */
  readonly reviews: Reviews;

  constructor(redis: RedisConnection, namespace: string) {
    super(redis, namespace);
    this.#redis = redis;
    this.#namespace = namespace;
    this.#shared = sharedKeys(namespace);
    this.#run = scriptRunner(redis, namespace);
    this.claims = new PortraitClaims(this.#run);
    this.money = new PortraitMoney(this.#run);
    this.backlog = new Backlog(this.#run);
    this.claimQueries = new ClaimQueries(redis, namespace);
    this.waits = new Waits(redis, namespace);
    this.lostResults = new LostResults(redis, namespace);
    this.control = new BatchControl(this.#run, (batchId) => this.#revive(batchId));
    this.stalls = new Stalls(this.#run);
    this.feed = new Feed(redis, namespace);
    this.conditions = new Conditions(this.#run);
    this.reviews = new Reviews(redis, namespace, this.#run);
    this.stopped = new StoppedPortraits(
      this.#run,
      (batchId, fields) => redis.hmget(batchLedgerKeys(namespace, batchId).receipts, ...fields),
      this.lostResults,
    );
  }

  /**
   * Accepts a batch. Adds its id to the list before it creates the batch: a crash between the two steps leaves an id
   * without a batch, but never a batch that no process finds.
   *
   * @returns false if the batch was accepted before, or is forbidden; see {@link forbid}
   */
  async create(spec: BatchSpec, limits: BatchLimits = {}): Promise<boolean> {
    const createdAt = Date.parse(spec.createdAt);
    // Listed first, because a Redis that loses its last writes may then have the list entry without the batch, never
    // the reverse.
    await this.#redis.zadd(this.#shared.batchesOf(tenantOf(spec)), createdAt, spec.id);
    await this.#redis.zadd(this.#shared.batches, createdAt, spec.id);
    const fields = [...tenantFields(spec), ...controlFields(spec.control, limits)].map(([field, value]) => ({
      field,
      value,
    }));
    await this.#redis.sadd(this.#shared.active, spec.id);
    return (await this.#run(scripts.createBatch, spec.id, { spec: JSON.stringify(spec), createdAt }, fields)) === 1;
  }

  /**
   * Prevents a batch that was announced but never created from being created later by a process that was presumed dead.
   *
   * @returns false if the batch exists; nothing changes then
   */
  async forbid(batchId: string): Promise<boolean> {
    return (await this.#run(scripts.forbidBatch, batchId, { keepMs: KEEP_ENDED_MS })) === 1;
  }

  /**
   * Deletes an ended batch with its portraits and failures. Its costs stay in the cost book.
   *
   * @returns false if the batch has not ended; nothing changes then
   */
  async forget(batchId: string): Promise<boolean> {
    await this.feed.forward(batchId);
    const tenant = await this.tenantOf(batchId);
    if ((await this.#run(scripts.forgetBatch, batchId, {})) !== 1) return false;
    await Promise.all(Object.values(batchLedgerKeys(this.#namespace, batchId)).map((key) => this.#redis.del(key)));
    await this.feed.forget([batchId]);
    await this.#redis.zrem(this.#shared.batches, batchId);
    if (tenant !== undefined) await this.#redis.zrem(this.#shared.batchesOf(tenant), batchId);
    await this.#redis.srem(this.#shared.active, batchId);
    return true;
  }

  /** See {@link ledgerMarks}. */
  async marks(): Promise<readonly string[]> {
    return await ledgerMarks(this.#redis, this.#namespace);
  }

  /** Returns the ids of batches that have not ended. */
  async activeBatches(): Promise<readonly string[]> {
    return await this.#redis.smembers(this.#shared.active);
  }

  /**
   * Finds the newest batches that have not ended but are not listed as active. Such a batch remains if a process died
   * while it accepted or reopened the batch, or if a failover lost the last step.
   *
   * @returns the batches added to the active ones
   */
  async adoptForgotten(): Promise<readonly string[]> {
    const [newest, active] = await Promise.all([this.listBatches(ADOPTED_FROM), this.activeBatches()]);
    const known = new Set(active);
    const others = newest.filter((id) => !known.has(id));
    const states = await Promise.all(
      others.map((id) => this.#redis.hget(batchLedgerKeys(this.#namespace, id).meta, "state")),
    );
    const forgotten = others.filter((_, place) => {
      const state = states[place];
      return typeof state === "string" && !isEnded(state as BatchState);
    });
    await Promise.all(forgotten.map((id) => this.#revive(id)));
    return forgotten;
  }

  /**
   * Returns batch ids, newest first. `before` is the id after which the page starts. `tenant` defaults to all tenants.
   */
  async listBatches(limit: number, before?: string, tenant?: string): Promise<readonly string[]> {
    const list = tenant === undefined ? this.#shared.batches : this.#shared.batchesOf(tenant);
    const rank = before === undefined ? null : await this.#redis.zrevrank(list, before);
    const start = rank === null ? 0 : rank + 1;
    return await this.#redis.zrevrange(list, start, start + limit - 1);
  }

  /** Returns the tenant of a batch; undefined if the ledger has no such batch. */
  async tenantOf(batchId: string): Promise<string | undefined> {
    const { meta } = batchLedgerKeys(this.#namespace, batchId);
    const [state, tenant] = await this.#redis.hmget(meta, "state", "tenant");
    return state === null ? undefined : (tenant ?? DEFAULT_TENANT);
  }

  /** Returns a batch's record without its portraits, in one read; undefined if the ledger has no such batch. */
  async read(batchId: string): Promise<BatchRecord | undefined> {
    const keys = batchLedgerKeys(this.#namespace, batchId);
    const [meta, failures, samples, stuck] = await Promise.all([
      this.#redis.hgetall(keys.meta),
      this.#redis.hgetall(keys.failures),
      this.#redis.lrange(keys.samples, 0, -1),
      this.#redis.scard(keys.stuck),
    ]);
    return parseBatchRecord(meta, failures, samples, stuck);
  }

  /** Returns the fields that dispatch needs, in one small read; undefined if the ledger has no such batch. */
  async readForDispatch(batchId: string): Promise<DispatchCounts | undefined> {
    const { meta, stuck } = batchLedgerKeys(this.#namespace, batchId);
    const [values, stuckNow] = await Promise.all([
      this.#redis.hmget(meta, ...DISPATCH_FIELDS),
      this.#redis.scard(stuck),
    ]);
    return parseDispatchCounts(values, stuckNow);
  }

  /**
   * Starts an ingest, or takes one over from a producer that may still run. From now on, only parts with the returned
   * fence are counted. Returns 0 if the ledger has no such batch.
   */
  async beginIngest(batchId: string): Promise<number> {
    return (await this.#run(scripts.beginIngest, batchId, { now: serverNow() })) as number;
  }

  /** Counts a snapshot part that is already in the object store. Returns false if this ingest must stop. */
  async countPart(batchId: string, { fence, part, rows, rejected, kinds = {}, end }: CountedPart): Promise<boolean> {
    const lines = rejected.map((line) => ({ i: line.index, line: JSON.stringify(line) }));
    const args = {
      fence,
      part,
      rowCount: rows,
      isEnd: end === undefined ? 0 : 1,
      fault: end?.fault ?? "",
      kinds: JSON.stringify(kinds),
      note: end?.note ?? "",
      findings: end?.findings === undefined ? "" : JSON.stringify(end.findings),
    };
    return (await this.#run(scripts.countPart, batchId, args, lines)) === 1;
  }

  /**
   * Begins to finish a batch whose portraits have all ended.
   *
   * @returns the round that ends, or undefined if the batch is not complete
   */
  async beginFinish(batchId: string): Promise<number | undefined> {
    const round = (await this.#run(scripts.beginFinish, batchId, {})) as number;
    return round < 0 ? undefined : round;
  }

  /** Ends a batch after {@link beginFinish}. Returns false if the batch was reopened in the meantime. */
  async endBatch(
    batchId: string,
    round: number,
    state: "completed" | "completed_with_failures" | "cancelled",
    {
      reason = "",
      consistency,
      likeness,
      leftBehind,
      hasReport = true,
    }: {
      readonly reason?: string;
      readonly consistency?: BatchConsistency | null;
      readonly likeness?: BatchLikeness | null;
      readonly leftBehind?: LeftBehindCounts;
      readonly hasReport?: boolean;
    } = {},
  ): Promise<boolean> {
    const args = {
      round,
      to: state,
      reason,
      now: serverNow(),
      consistency: consistency == null ? "" : JSON.stringify(consistency),
      likeness: likeness == null ? "" : JSON.stringify(likeness),
      leftBehind: leftBehind === undefined ? "" : JSON.stringify(leftBehind),
      hasReport: hasReport ? 1 : 0,
    };
    const ended = (await this.#run(scripts.endBatch, batchId, args)) === 1;
    if (ended) await this.retire(batchId);
    return ended;
  }

  /**
   * Ends a batch whose source could not be read at all. The batch stays listed as active until {@link retire}, so that
   * its end is recorded in the object store even if a process dies before that.
   */
  async failBatch(batchId: string, reason: string): Promise<boolean> {
    return (await this.#run(scripts.failBatch, batchId, { reason, now: serverNow() })) === 1;
  }

  /** Makes an ended batch's keys persistent again, and lists it as active. */
  async #revive(batchId: string): Promise<void> {
    const keys = Object.values(batchLedgerKeys(this.#namespace, batchId));
    await Promise.all(keys.map((key) => this.#redis.persist(key)));
    await this.#redis.sadd(this.#shared.active, batchId);
  }

  /**
   * Removes an ended batch from the active list and sets an expiry on its keys. Forwards its last events first, because
   * producers forward only events of active batches.
   */
  async retire(batchId: string): Promise<void> {
    await this.feed.forward(batchId);
    const keys = Object.values(batchLedgerKeys(this.#namespace, batchId));
    await Promise.all(keys.map((key) => this.#redis.pexpire(key, KEEP_ENDED_MS)));
    await this.#redis.del(batchLedgerKeys(this.#namespace, batchId).pictures);
    await this.#redis.srem(this.#shared.active, batchId);
    const state = await this.#redis.hget(batchLedgerKeys(this.#namespace, batchId).meta, "state");
    if (state !== null && !isEnded(state as BatchState)) return await this.#revive(batchId);
    const { batches, batchesOf } = this.#shared;
    await Promise.all(
      [batches, batchesOf((await this.tenantOf(batchId)) ?? DEFAULT_TENANT)].map((list) => this.#prune(list)),
    );
  }

  /** Removes old ended batches from a list. Waiting batches stay listed regardless of their age. */
  async #prune(batches: string): Promise<void> {
    const before = serverNow() - 2 * KEEP_ENDED_MS;
    const old = await this.#redis.zrangebyscore(batches, "-inf", before, "LIMIT", 0, PRUNED_AT_ONCE);
    const states = await Promise.all(
      old.map((id) => this.#redis.hget(batchLedgerKeys(this.#namespace, id).meta, "state")),
    );
    const gone = old.filter((_, place) => states[place] == null || isEnded(states[place] as BatchState));
    if (gone.length > 0) await this.#redis.zrem(batches, ...gone);
    // A batch that still exists may be retried, and its events must not be forwarded twice.
    await this.feed.forget(old.filter((_, place) => states[place] == null));
  }

  /** Returns the oldest outcome lines that are not in the report yet. */
  async undrainedOutcomes(batchId: string, limit: number): Promise<readonly StreamedOutcome[]> {
    const { outcomes } = batchLedgerKeys(this.#namespace, batchId);
    const entries = await this.#redis.xrange(outcomes, "-", "+", "COUNT", limit);
    return entries.map(([entryId, fields]) => ({ entryId, line: lineOf(fields) }));
  }

  /** Deletes the outcome lines up to `lastEntryId`, which report part `sequence` now contains. */
  async acknowledgeOutcomes(batchId: string, sequence: number, lastEntryId: string): Promise<boolean> {
    const [ms, seq] = lastEntryId.split("-");
    const after = `${ms}-${Number(seq) + 1}`;
    return (await this.#run(scripts.acknowledgeOutcomes, batchId, { sequence, after })) === 1;
  }

  /** Records a sample of a batch's progress, for its rate. Keeps the newest 120 samples. */
  async sample(batchId: string, settled: number, nowMs: number): Promise<void> {
    const { samples } = batchLedgerKeys(this.#namespace, batchId);
    await this.#redis.lpush(samples, `${nowMs}:${settled}`);
    await this.#redis.ltrim(samples, 0, 119);
  }

  /**
   * Recounts the states and the decisions, and recomputes the sums over the receipts.
   *
   * @param fix corrects differences
   * @returns the indexes in PORTRAIT_STATES whose count was wrong, then 8 if a sum was wrong, and 9 if a count of
   *   decisions was wrong
   */
  async recount(batchId: string, fix: boolean): Promise<readonly number[]> {
    return (await this.#run(scripts.recount, batchId, { fix: fix ? 1 : 0 })) as number[];
  }
}
