import {
  type BatchConsistency,
  type BatchSpec,
  type BatchState,
  MICRO,
  OUTCOMES,
  type Outcome,
  type OutcomeCode,
  type OutcomeLine,
  PORTRAIT_STATES,
  type Receipt,
  WAIT_REASONS,
  cancelledLine,
  heldMicroUsd,
  incurredMicroUsd,
  isEnded,
  lostChangeUsd,
  parseReceipt,
  utcDay,
} from "@darkroom/core";
import type { RedisConnection } from "@darkroom/redis-kit";
import { serverNow } from "@darkroom/redis-kit";
import { batchLedgerKeys, sharedKeys } from "./keys.ts";
import { LostResults } from "./portrait/lost-results.ts";
import { parseBatchRecord, type BatchRecord } from "./batch/batch-record.ts";
import { DISPATCH_FIELDS, parseDispatchCounts, type DispatchCounts } from "./batch/dispatch-counts.ts";
import { controlFields, type BatchLimits } from "./batch/control-fields.ts";
import * as batches from "./scripts/batch-scripts.ts";
import { REMEMBERED_PICTURES } from "./scripts/constants.ts";
import { authorize, leaveUnfunded } from "./scripts/money-scripts.ts";
import * as portraits from "./scripts/portrait-scripts.ts";
import { scriptRunner, type RunScript } from "./scripts/run-script.ts";
import { BatchControl } from "./batch/batch-control.ts";
import { ledgerMarks } from "./failover/ledger-mark.ts";
import { ClaimQueries } from "./failover/claim-queries.ts";
import { PortraitReads } from "./portrait/portrait-reads.ts";
import { StoppedPortraits } from "./portrait/stopped-portraits.ts";
import type {
  AuthorizeAnswer,
  AuthorizedCall,
  ClaimAnswer,
  CountedPart,
  LeftPortrait,
  GivenPictures,
  KnownClaim,
  PendingWindow,
  ReclaimAnswer,
  SettleAnswer,
  StreamedOutcome,
} from "./ledger-answers.ts";
import { Stalls } from "./batch/stalls.ts";
import { Waits } from "./batch/waits.ts";
import { lineOf } from "./outcome-stream.ts";
import { NO_RECEIPT, storedReceipt, storedUnlessEmpty } from "./portrait/stored-receipt.ts";

/** How long an ended batch stays in Redis; its report stays in the object store. */
const KEEP_ENDED_MS = 30 * 24 * 3_600_000;

/** What failed is kept up to this length, once for each reason of a batch. */
const MOST_WHY_LETTERS = 300;
/** What the script `leaveUnfunded` answers. */
const LEFT = ["lost", "pending", "queued"] as const;

/** Where a batch remembers a picture. */
function placeOfPicture(digest: string): number {
  return Number.parseInt(digest.slice(0, 8), 16) % REMEMBERED_PICTURES;
}

/** Marks as a script looks for one of them. */
function between(marks: readonly string[] = []): string {
  return `,${marks.join(",")},`;
}

/** Old batches that are looked at when one ends: many that wait for months must not keep the others on the list. */
const PRUNED_AT_ONCE = 1_000;

/** Batches looked through for forgotten ones. */
const ADOPTED_FROM = 500;

/**
 * The exact record of every portrait's state (P1, P2). A portrait's state changes only through the scripts beside this
 * file, each of which can be repeated: what was applied before answers `duplicate`, a lost claim `stale`.
 */
export class Ledger extends PortraitReads {
  readonly #redis: RedisConnection;
  readonly #namespace: string;
  readonly #shared: ReturnType<typeof sharedKeys>;
  readonly #run: RunScript;
  /** What is done to a whole batch. */
  readonly control: BatchControl;
  /** What waits in a stopped batch and a provider was called for. */
  readonly stopped: StoppedPortraits;
  /** Claims that may be leftovers. */
  readonly claimQueries: ClaimQueries;
  /** Paid pictures that portraits ended without. */
  readonly lostResults: LostResults;
  /** What portraits wait for. */
  readonly waits: Waits;
  /** What batches wait for while their producer fails at a duty. */
  readonly stalls: Stalls;

  constructor(redis: RedisConnection, namespace: string) {
    super(redis, namespace);
    this.#redis = redis;
    this.#namespace = namespace;
    this.#shared = sharedKeys(namespace);
    this.#run = scriptRunner(redis, namespace);
    this.claimQueries = new ClaimQueries(redis, namespace);
    this.waits = new Waits(redis, namespace);
    this.lostResults = new LostResults(redis, namespace);
    this.control = new BatchControl(this.#run, (batchId) => this.#revive(batchId));
    this.stalls = new Stalls(this.#run);
    this.stopped = new StoppedPortraits(
      this.#run,
      (batchId, fields) => redis.hmget(batchLedgerKeys(namespace, batchId).receipts, ...fields),
      this.lostResults,
    );
  }

  /**
   * Accepts a batch. Its name is on the lists before it is there: whoever dies in between leaves a name that stands for
   * nothing, and no batch that nobody looks after.
   *
   * @returns false when it was accepted before, or may not be; see {@link forbid}
   */
  async create(spec: BatchSpec, limits: BatchLimits = {}): Promise<boolean> {
    const createdAt = Date.parse(spec.createdAt);
    // Listed first: a Redis that forgets what came last may know the list without the batch, and never the reverse.
    await this.#redis.zadd(this.#shared.batches, createdAt, spec.id);
    const fields = controlFields(spec.control, limits).map(([field, value]) => ({ field, value }));
    await this.#redis.sadd(this.#shared.active, spec.id);
    return (await this.#run(batches.createBatch, spec.id, { spec: JSON.stringify(spec), createdAt }, fields)) === 1;
  }

  /**
   * Keeps a batch that was announced and never made from being made later, by whoever announced it and was taken for dead.
   *
   * @returns false when it is there: nothing is changed then
   */
  async forbid(batchId: string): Promise<boolean> {
    return (await this.#run(batches.forbidBatch, batchId, { keepMs: KEEP_ENDED_MS })) === 1;
  }

  /**
   * Forgets a batch that has ended, its list of portraits and what failed. What it cost stays in the cost book.
   *
   * @returns false when it has not ended: nothing is changed then
   */
  async forget(batchId: string): Promise<boolean> {
    if ((await this.#run(batches.forgetBatch, batchId, {})) !== 1) return false;
    await Promise.all(Object.values(batchLedgerKeys(this.#namespace, batchId)).map((key) => this.#redis.del(key)));
    await this.#redis.zrem(this.#shared.batches, batchId);
    await this.#redis.srem(this.#shared.active, batchId);
    return true;
  }

  /** See {@link ledgerMarks}. */
  async marks(): Promise<readonly string[]> {
    return await ledgerMarks(this.#redis, this.#namespace);
  }

  /** The ids of batches that have not ended. */
  async activeBatches(): Promise<readonly string[]> {
    return await this.#redis.smembers(this.#shared.active);
  }

  /**
   * Looks through the newest batches for those that have not ended and that nobody looks after: whoever accepted one or
   * opened it again died between two steps, or a Redis that followed another did not know the last step.
   *
   * @returns the batches that are looked after from now on
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

  /** Batch ids, newest first. `before` is the id after which to go on. */
  async listBatches(limit: number, before?: string): Promise<readonly string[]> {
    const rank = before === undefined ? null : await this.#redis.zrevrank(this.#shared.batches, before);
    const start = rank === null ? 0 : rank + 1;
    return await this.#redis.zrevrange(this.#shared.batches, start, start + limit - 1);
  }

  /** Everything about a batch but its portraits, in one read; undefined when the ledger knows no such batch. */
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

  /** What dispatch needs to know of a batch, in one small read; undefined when the ledger knows no such batch. */
  async readForDispatch(batchId: string): Promise<DispatchCounts | undefined> {
    const { meta, stuck } = batchLedgerKeys(this.#namespace, batchId);
    const [values, stuckNow] = await Promise.all([
      this.#redis.hmget(meta, ...DISPATCH_FIELDS),
      this.#redis.scard(stuck),
    ]);
    return parseDispatchCounts(values, stuckNow);
  }

  /**
   * Begins an ingest, or takes one over from a producer that may still run: from now on only parts with the returned
   * fence are counted. 0 when the ledger knows no such batch.
   */
  async beginIngest(batchId: string): Promise<number> {
    return (await this.#run(batches.beginIngest, batchId, { now: serverNow() })) as number;
  }

  /** Counts a snapshot part that is in the object store already; false when this ingest is to stop. */
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
    return (await this.#run(batches.countPart, batchId, args, lines)) === 1;
  }

  /**
   * The next pending portraits, for dispatch; undefined when there is none or the batch may not be dispatched.
   *
   * @param lane that is fed: nothing is found once the batch has been diverted from it
   */
  async peekPending(batchId: string, limit: number, lane = ""): Promise<PendingWindow | undefined> {
    const reply = (await this.#run(portraits.peekPending, batchId, { limit, lane })) as (number | string)[];
    if (reply.length === 0) return undefined;
    const [epoch, from, cursor, ...indexes] = reply.map(Number);
    return { epoch: epoch ?? 0, from: from ?? 0, cursor: cursor ?? 0, indexes };
  }

  /** Marks as queued what was peeked, after its jobs were added. */
  async markQueued(batchId: string, window: PendingWindow): Promise<number> {
    const { epoch, from, cursor, indexes } = window;
    return (await this.#run(portraits.markQueued, batchId, { epoch, from, to: cursor }, rowsOf(indexes))) as number;
  }

  /**
   * Takes a portrait for a worker.
   *
   * @param options.takeOver the token of a claimant known to be dead
   * @param options.resting while the batch's hours are over only what is paid for is finished; while its destination takes
   *   no writes, nothing is, and what is paid is looked at again after that time
   * @param options.lane the worker's, and the batch's own
   * @param options.mostStuck paid results that may wait to be stored; where more do, nothing is begun. Defaults to any number
   */
  async claim(
    batchId: string,
    index: number,
    token: string,
    {
      takeOver = "",
      resting,
      lane,
      mostStuck = Number.MAX_SAFE_INTEGER,
    }: {
      readonly takeOver?: string;
      readonly resting?: "hours" | { readonly lookInMs: number } | undefined;
      readonly lane?: { readonly served: string; readonly own: string };
      readonly mostStuck?: number;
    } = {},
  ): Promise<ClaimAnswer> {
    const args = {
      i: index,
      token,
      takeOver,
      now: serverNow(),
      rests: resting === undefined ? 0 : resting === "hours" ? 1 : 2,
      served: lane?.served ?? "",
      own: lane?.own ?? "",
      lookMs: typeof resting === "object" ? resting.lookInMs : 0,
      mostStuck,
    };
    const reply = (await this.#run(portraits.claim, batchId, args)) as [
      ClaimAnswer["kind"],
      string?,
      number?,
      number?,
      number?,
      number?,
      string?,
      string?,
      string?,
      number?,
      string?,
      number?,
      number?,
      string?,
    ];
    switch (reply[0]) {
      case "claimed":
        return {
          kind: "claimed",
          receipt: parseReceipt(reply[1] ?? ""),
          cancelled: reply[2] === 1,
          round: reply[3] ?? 0,
          batchRound: Number(reply[6] ?? 0),
          recoveries: reply[4] ?? 0,
          diverted: reply[5] === 1,
          deaths: { all: Number(reply[7] ?? 0), alone: Number(reply[8] ?? 0) },
          waitedAtGate: reply[9] === 1,
          fence: Number(reply[10] ?? 0),
          stuck: reply[11] ?? 0,
          asksOnly: reply[12] === 1,
          recoveredAt: Number(reply[13] ?? 0),
        };
      case "held":
        return { kind: "held", token: reply[1] ?? "" };
      case "elsewhere":
        return { kind: "elsewhere", lane: reply[1] ?? "", epoch: Number(reply[2]) };
      case "done":
      case "parked":
      case "waits":
      case "gone":
        return { kind: reply[0] };
    }
  }

  /**
   * Counts that a process died which had the portrait alone; the worker that started it lives and has the claim.
   *
   * @returns how many have died so, and the receipt as the last one left it; undefined when the claim is lost
   */
  async countDeathAlone(
    batchId: string,
    index: number,
    token: string,
  ): Promise<{ readonly alone: number; readonly receipt: Receipt } | undefined> {
    const [alone, receipt] = (await this.#run(portraits.countDeathAlone, batchId, { i: index, token })) as [
      number?,
      string?,
    ];
    return alone === undefined ? undefined : { alone, receipt: parseReceipt(receipt ?? "") };
  }

  /**
   * Puts a portrait that is queued or retrying back among the pending ones, for a worker that can do it.
   *
   * @returns false when it does not wait; one that a worker holds is left to it
   */
  async park(batchId: string, index: number): Promise<boolean> {
    return (await this.#run(portraits.park, batchId, { i: index })) === 1;
  }

  /** Writes the receipt of a portrait that `token` holds; false when the claim is lost. An intent goes by {@link authorize}. */
  async writeReceipt(batchId: string, index: number, token: string, receipt: Receipt): Promise<boolean> {
    const args = { i: index, token, ...storedReceipt(receipt) };
    return (await this.#run(portraits.writeReceipt, batchId, args)) === 1;
  }

  /**
   * Writes the receipt with the intent of a call, where its account may work for the batch and the budget pays for it.
   *
   * @param call.receipt with the intent, and with what is authorized for the portrait
   * @param call.before the same without the intent, for when it is refused
   * @param call.account that is called; absent where the batch needs no account of the lane
   */
  async authorize(
    batchId: string,
    index: number,
    token: string,
    { receipt, before, account }: AuthorizedCall,
  ): Promise<AuthorizeAnswer> {
    const [answer, detail, stopped] = (await this.#run(authorize, batchId, {
      i: index,
      token,
      ...storedReceipt(receipt),
      keeps: heldMicroUsd(before),
      incurred: incurredMicroUsd(before),
      lane: account?.lane ?? "",
      account: account?.keys.own ?? "",
      ordered: account?.ordered ?? "",
      former: between(account?.keys.former),
      refused: between(account?.keys.refused),
    })) as [number, (number | string)?, number?];
    if (answer === 3) return { kind: "other_account", mark: String(detail) };
    if (answer !== 2) return { kind: answer === 1 ? "authorized" : "lost" };
    return { kind: "refused", voids: detail === 1, stopped: stopped === 1 };
  }

  /**
   * Gives up the claim of a portrait that {@link authorize} refused. It is pending until money is released.
   *
   * @returns `queued` where it keeps its job: its batch was stopped meanwhile and it is to be ended, or it is to be recalled
   */
  async leaveUnfunded(
    batchId: string,
    index: number,
    token: string,
    receipt: Receipt,
  ): Promise<"pending" | "queued" | "lost"> {
    const args = { i: index, token, ...storedUnlessEmpty(receipt), recalled: 0 };
    return LEFT[(await this.#run(leaveUnfunded, batchId, args)) as 0 | 1 | 2];
  }

  /**
   * Gives up the claim of a portrait that was never called as far as the ledger knows, after a run that could only recall has
   * found no call. It is pending until money is released; a rebuilt batch's budget holds nothing for it any more.
   */
  async leaveRecalled(batchId: string, index: number, token: string): Promise<"pending" | "queued" | "lost"> {
    const args = { i: index, token, ...NO_RECEIPT, recalled: 1 };
    return LEFT[(await this.#run(leaveUnfunded, batchId, args)) as 0 | 1 | 2];
  }

  /**
   * Asks, right before something of a portrait is stored, whether `token` still holds it, and notes what it was given.
   *
   * @returns `lost`; or `held`, with the index of another photo's portrait that was lately given the same picture
   */
  async confirmStore(
    batchId: string,
    index: number,
    token: string,
    given?: GivenPictures,
  ): Promise<{ readonly kind: "lost" | "held"; readonly sharedWith?: number }> {
    const pictures = (given?.digests ?? []).map((digest) => ({ place: placeOfPicture(digest), digest }));
    const args = { i: index, token, photo: given?.photo ?? "" };
    const [held, sharedWith] = (await this.#run(portraits.confirmStore, batchId, args, pictures)) as [number, number?];
    return { kind: held === 1 ? "held" : "lost", ...(sharedWith === undefined ? {} : { sharedWith }) };
  }

  /**
   * Takes back the claim of a portrait that a provider was called for, where Redis has forgotten it and nobody else has
   * called since in the same round, and writes its receipt. One that is there still is left as it is, its receipt too.
   *
   * @param claim its token, and the fence under which its row was read
   */
  async reclaim(batchId: string, index: number, claim: KnownClaim, receipt: Receipt): Promise<ReclaimAnswer> {
    const { firstIntentAt, round = 0 } = receipt;
    if (firstIntentAt === undefined) return { kind: "lost" };
    const args = { i: index, ...claim, round, ...storedReceipt(receipt) };
    const [answer, fence] = (await this.#run(portraits.reclaim, batchId, args)) as [number, string?];
    if (answer === 2) return { kind: "read_anew", fence: Number(fence) };
    return { kind: answer === 1 ? "held" : "lost" };
  }

  /**
   * Gives the claim up; the portrait waits.
   *
   * @returns when it is looked at next (epoch ms, Redis' clock); undefined when the claim is lost
   */
  async leave(batchId: string, index: number, token: string, left: LeftPortrait): Promise<number | undefined> {
    const { state, wait, receipt, lane = "" } = left;
    const lookAt = (await this.#run(portraits.leave, batchId, {
      i: index,
      token,
      to: PORTRAIT_STATES.indexOf(state),
      ...(receipt === undefined ? NO_RECEIPT : storedReceipt(receipt)),
      lane,
      reason: WAIT_REASONS.indexOf(wait.reason),
      lookMs: Math.ceil(wait.delayMs),
      why: (wait.message ?? "").slice(0, MOST_WHY_LETTERS),
    })) as number;
    return lookAt === 0 ? undefined : lookAt;
  }

  /** Ends a portrait: state, counts, cost and outcome line together, once. */
  async settle(batchId: string, index: number, token: string, outcome: Outcome): Promise<SettleAnswer> {
    const line: OutcomeLine = { index, at: serverNow(), ...outcome };
    const micro = (usd: number | null | undefined): number => Math.round((usd ?? 0) * MICRO);
    const reply = (await this.#run(portraits.settle, batchId, {
      i: index,
      token,
      to: PORTRAIT_STATES.indexOf(OUTCOMES[outcome.code].state),
      code: outcome.code,
      line: JSON.stringify(line),
      billed: outcome.billed === "maybe" ? 1 : 0,
      day: utcDay(line.at),
      lane: outcome.lane ?? "",
      cost: micro(outcome.costUsd),
      lost: micro(lostChangeUsd(outcome)),
      maybe: micro(outcome.maybeUsd),
    })) as [SettleAnswer["kind"], string?, string?, number?];
    if (reply[0] !== "applied") return { kind: reply[0] };
    return { kind: "applied", pending: Number(reply[1]), queued: Number(reply[2]), tripped: reply[3] === 1 };
  }

  /** Ends the waiting portraits of a stopped batch that no provider has seen. @param code as the batch was stopped */
  async cancelWaiting(batchId: string, indexes: readonly number[], code: OutcomeCode): Promise<number> {
    if (indexes.length === 0) return 0;
    const lines = indexes.map((i) => ({ i, line: JSON.stringify(cancelledLine(i, serverNow(), code)) }));
    return (await this.#run(portraits.cancelWaiting, batchId, {}, lines)) as number;
  }

  /**
   * Puts portraits whose job is lost back into the row, with their receipts; those that {@link isUnanswered} says yes to
   * are retrying, for whoever gives them a job. In a stopped batch they end; those that were
   * with the provider are queued, to be ended by {@link StoppedPortraits} or to go on.
   *
   * @param lost index → the claim's token as it was seen, or '' where there was none
   * @param holders whether the workers of these claims are dead: then each claim counts a death of its portrait
   */
  async requeueLost(
    batchId: string,
    lost: ReadonlyMap<number, string>,
    code: OutcomeCode = "cancelled",
    holders: "alive" | "dead" = "alive",
  ): Promise<number> {
    if (lost.size === 0) return 0;
    const now = serverNow();
    const rows = [...lost].map(([i, seenToken]) => {
      return { i, seenToken, line: JSON.stringify(cancelledLine(i, now, code)) };
    });
    const args = { holdersAreDead: holders === "dead" ? 1 : 0 };
    return (await this.#run(portraits.requeueLost, batchId, args, rows)) as number;
  }

  /**
   * Begins to end a batch whose portraits have all ended.
   *
   * @returns the round that ends, or undefined when the batch is not through after all
   */
  async beginFinish(batchId: string): Promise<number | undefined> {
    const round = (await this.#run(batches.beginFinish, batchId, {})) as number;
    return round < 0 ? undefined : round;
  }

  /** Ends a batch that {@link beginFinish} began to end; false when somebody has opened it again meanwhile. */
  async endBatch(
    batchId: string,
    round: number,
    state: "completed" | "completed_with_failures" | "cancelled",
    {
      reason = "",
      consistency,
      hasReport = true,
    }: {
      readonly reason?: string;
      readonly consistency?: BatchConsistency | null;
      readonly hasReport?: boolean;
    } = {},
  ): Promise<boolean> {
    const args = {
      round,
      to: state,
      reason,
      now: serverNow(),
      consistency: consistency == null ? "" : JSON.stringify(consistency),
      hasReport: hasReport ? 1 : 0,
    };
    const ended = (await this.#run(batches.endBatch, batchId, args)) === 1;
    if (ended) await this.retire(batchId);
    return ended;
  }

  /**
   * Ends a batch of whose source nothing could be read. Its name stays on the list until {@link retire}, so that somebody
   * notes the end in the object store whatever dies in between.
   */
  async failBatch(batchId: string, reason: string): Promise<boolean> {
    return (await this.#run(batches.failBatch, batchId, { reason, now: serverNow() })) === 1;
  }

  /** Keeps an ended batch's keys again, and its name among those that are looked after. */
  async #revive(batchId: string): Promise<void> {
    const keys = Object.values(batchLedgerKeys(this.#namespace, batchId));
    await Promise.all(keys.map((key) => this.#redis.persist(key)));
    await this.#redis.sadd(this.#shared.active, batchId);
  }

  /** Takes an ended batch off the active list and lets its keys go after a while. */
  async retire(batchId: string): Promise<void> {
    const keys = Object.values(batchLedgerKeys(this.#namespace, batchId));
    await Promise.all(keys.map((key) => this.#redis.pexpire(key, KEEP_ENDED_MS)));
    await this.#redis.del(batchLedgerKeys(this.#namespace, batchId).pictures);
    await this.#redis.srem(this.#shared.active, batchId);
    const state = await this.#redis.hget(batchLedgerKeys(this.#namespace, batchId).meta, "state");
    if (state !== null && !isEnded(state as BatchState)) return await this.#revive(batchId);
    await this.#prune();
  }

  /** Takes batches off the list that were created long ago and have ended; one that waits stays, however long. */
  async #prune(): Promise<void> {
    const { batches } = this.#shared;
    const before = serverNow() - 2 * KEEP_ENDED_MS;
    const old = await this.#redis.zrangebyscore(batches, "-inf", before, "LIMIT", 0, PRUNED_AT_ONCE);
    const states = await Promise.all(
      old.map((id) => this.#redis.hget(batchLedgerKeys(this.#namespace, id).meta, "state")),
    );
    const gone = old.filter((_, place) => states[place] == null || isEnded(states[place] as BatchState));
    if (gone.length > 0) await this.#redis.zrem(batches, ...gone);
  }

  /** The oldest outcome lines that are not in the report yet. */
  async undrainedOutcomes(batchId: string, limit: number): Promise<readonly StreamedOutcome[]> {
    const { outcomes } = batchLedgerKeys(this.#namespace, batchId);
    const entries = await this.#redis.xrange(outcomes, "-", "+", "COUNT", limit);
    return entries.map(([entryId, fields]) => ({ entryId, line: lineOf(fields) }));
  }

  /** Forgets outcome lines up to `lastEntryId`, which report part `sequence` holds now. */
  async acknowledgeOutcomes(batchId: string, sequence: number, lastEntryId: string): Promise<boolean> {
    const [ms, seq] = lastEntryId.split("-");
    const after = `${ms}-${Number(seq) + 1}`;
    return (await this.#run(batches.acknowledgeOutcomes, batchId, { sequence, after })) === 1;
  }

  /** Notes how far the batch is, for its rate; the newest 120 samples are kept. */
  async sample(batchId: string, settled: number, nowMs: number): Promise<void> {
    const { samples } = batchLedgerKeys(this.#namespace, batchId);
    await this.#redis.lpush(samples, `${nowMs}:${settled}`);
    await this.#redis.ltrim(samples, 0, 119);
  }

  /**
   * Counts the states anew, and adds up what receipts hold. @param fix writes what was counted where it differs
   * @returns the places in PORTRAIT_STATES whose count was wrong, and the number after the last one where a sum was
   */
  async recount(batchId: string, fix: boolean): Promise<readonly number[]> {
    return (await this.#run(batches.recount, batchId, { fix: fix ? 1 : 0 })) as number[];
  }

  /** Drops claims of portraits that do not run, and receipts of portraits that have ended. */
  async dropStrays(batchId: string, indexes: readonly number[]): Promise<number> {
    if (indexes.length === 0) return 0;
    return (await this.#run(portraits.dropStrays, batchId, {}, rowsOf(indexes))) as number;
  }
}

function rowsOf(indexes: readonly number[]): { readonly i: number }[] {
  return indexes.map((i) => ({ i }));
}
