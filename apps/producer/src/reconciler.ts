import { isEnded, messageOf, settledCount, SIGN_EVERY_MS, type WaitReason, protocolMs } from "@darkroom/core";
import type { BatchRecord, Duty, WorkerHeartbeats } from "@darkroom/ledger";
import { SnapshotPartLost } from "@darkroom/manifest";
import { serverNow } from "@darkroom/redis-kit";
import { adoptControl } from "./control/adopt-control.ts";
import { BatchLog } from "./report/batch-log.ts";
import type { ProducerContext } from "./context.ts";
import { drainOutcomes } from "./report/drain.ts";
import { finish, isThrough } from "./report/finish.ts";
import { ingest } from "./ingest/ingest.ts";
import { keepDestinations } from "./duties/look-at-destinations.ts";
import { keepFallback } from "./duties/keep-fallback.ts";
import { keepControlFile } from "./control/control-file.ts";
import { leaveSign } from "./control/running-sign.ts";
import { keepLimits } from "./duties/keep-limits.ts";
import { LeftAlone } from "./duties/left-alone.ts";
import { LaneFeeding } from "./dispatch/lane-feeding.ts";
import { ScheduleDuty } from "./schedules/keep-schedules.ts";
import { keepPilot } from "./dispatch/pilot.ts";
import { putAway } from "./report/batch-end-file.ts";
import { reopenRound } from "./rounds/reopen-round.ts";
import { DRAIN_MS, SAMPLE_MS, SWEEP_MS } from "./dispatch/rhythm.ts";
import { LostJobs, sweepStopped } from "./duties/sweep.ts";

/** Batches that have not ended and are on nobody's list are looked for this often. */
const ADOPT_MS = protocolMs(15_000);
/** Blocked destinations are shown, and the forgotten ones dropped, this often. */
const DESTINATIONS_MS = protocolMs(2_000);
/** An ingest that failed for the moment begins again after this. */
const INGEST_AGAIN_MS = protocolMs(3_000);
/** What a batch waits for while a duty fails. */
const DUTY_REASONS: Readonly<Record<Duty, WaitReason>> = {
  ingest: "source",
  control: "storage",
  drain: "report",
  reopen: "report",
  finish: "report",
  retire: "storage",
  care: "internal",
};

/** What a duty gives back that another producer has the lease of. */
const OTHERS = Symbol("another producer does it");

interface Care {
  signedAt: number;
  sampledAt: number;
  drainedAt: number;
  sweptAt: number;
  /** The sums that the cost book was last told, and of which life of the batch: a Redis that was emptied has no book. */
  booked: string;
  /** The run of Redis, and the life of the batch, for which it was last compared with its control file. */
  compared: string;
  /** Until when a duty that failed is left alone (a monotonic clock, in ms). */
  readonly restsUntil: Map<Duty, number>;
  busy: boolean;
  ingesting: boolean;
  ingestAt: number;
  readonly log: BatchLog;
}

/**
 * A producer's round: reads every active batch, feeds the lanes, and takes care of each batch (ingest, rate samples,
 * report parts, lost jobs, the end). Each duty is done by one producer at a time, under a lease that another takes over
 * within seconds.
 */
export class Keeper {
  readonly #context: ProducerContext;
  readonly #feeding: LaneFeeding;
  readonly #presence: WorkerHeartbeats;
  readonly #lostJobs: LostJobs;
  readonly #leftAlone: LeftAlone;
  readonly #schedules: ScheduleDuty;
  readonly #cares = new Map<string, Care>();
  readonly #tasks = new Set<Promise<void>>();
  #adoptedAt = -ADOPT_MS;
  #destinationsAt = -DESTINATIONS_MS;

  constructor(context: ProducerContext, presence: WorkerHeartbeats) {
    this.#context = context;
    this.#feeding = new LaneFeeding(context);
    this.#presence = presence;
    this.#lostJobs = new LostJobs(presence);
    this.#leftAlone = new LeftAlone(context);
    this.#schedules = new ScheduleDuty(context);
  }

  /** How many batches are looked after. */
  get batches(): number {
    return this.#cares.size;
  }

  /** @returns the lanes that are to be fed again at once */
  async round(nowMs: number): Promise<readonly string[]> {
    const { ledger, log } = this.#context;
    if (nowMs - this.#adoptedAt >= ADOPT_MS) {
      this.#adoptedAt = nowMs;
      for (const batch of await ledger.adoptForgotten())
        log.warn({ batch }, "a batch that nobody looked after goes on");
    }
    const ids = await ledger.activeBatches();
    const read = await Promise.all(ids.map(async (id) => await ledger.read(id)));
    const batches = read.filter((record) => record !== undefined).sort((a, b) => a.createdAt - b.createdAt);
    const { mine, dispatched } = this.#leftAlone.sort(batches);
    this.#feeding.know(dispatched);
    await this.#keepDestinations(mine, nowMs);
    await this.#schedules.round(nowMs);
    const seeking: string[] = [];
    for (const lane of this.#feeding.lanes) if (await this.feed(lane, nowMs)) seeking.push(lane);
    for (const batch of mine) this.#care(batch, nowMs);
    const active = new Set(ids);
    for (const id of this.#cares.keys()) if (!active.has(id)) this.#forget(id);
    return seeking;
  }

  /**
   * A lane's window runs low. What is wrong with one lane holds up no other, and no batch's other duties.
   *
   * @returns true when it is to be fed again at once
   */
  async feed(lane: string, nowMs: number): Promise<boolean> {
    try {
      return await this.#feeding.feed(lane, nowMs);
    } catch (error) {
      const { log, signal } = this.#context;
      if (!signal.aborted) log.error({ lane, err: error }, `a lane could not be fed: ${messageOf(error)}`);
      return false;
    }
  }

  /** What is shown of destinations, and which of the blocked ones still matter. */
  async #keepDestinations(batches: readonly BatchRecord[], nowMs: number): Promise<void> {
    if (nowMs - this.#destinationsAt < DESTINATIONS_MS) return;
    this.#destinationsAt = nowMs;
    try {
      await keepDestinations(this.#context, batches);
    } catch (error) {
      const { log, signal } = this.#context;
      if (!signal.aborted) log.error({ err: error }, `destinations could not be looked after: ${messageOf(error)}`);
    }
  }

  #forget(batchId: string): void {
    this.#cares.delete(batchId);
    this.#lostJobs.forget(batchId);
    for (const duty of ["keep", "ingest"]) this.#context.forgetLease(`${duty}:${batchId}`);
  }

  #care(batch: BatchRecord, nowMs: number): void {
    const { id } = batch.spec;
    const care = this.#cares.get(id) ?? {
      signedAt: -SIGN_EVERY_MS,
      sampledAt: -SAMPLE_MS,
      drainedAt: nowMs,
      sweptAt: nowMs,
      booked: "",
      compared: "",
      restsUntil: new Map(),
      busy: false,
      ingesting: false,
      ingestAt: nowMs,
      log: new BatchLog(this.#context.log),
    };
    this.#cares.set(id, care);
    if (isEnded(batch.state)) {
      // Its producer has not yet taken it off the list, or died before it could.
      if (care.busy) return;
      care.busy = true;
      this.#start(
        batch,
        () => this.#attempt(batch, care, "retire", () => putAway(this.#context, id)),
        () => (care.busy = false),
      );
      return;
    }
    if (!batch.ingested && !batch.cancelled && !care.ingesting && nowMs >= care.ingestAt) {
      care.ingesting = true;
      care.ingestAt = nowMs + INGEST_AGAIN_MS;
      this.#start(
        batch,
        () => this.#attempt(batch, care, "ingest", () => this.#ingest(batch)),
        () => (care.ingesting = false),
      );
    }
    if (care.busy) return;
    care.busy = true;
    this.#start(
      batch,
      () => this.#attempt(batch, care, "care", () => this.#keep(batch, care, nowMs)),
      () => (care.busy = false),
    );
  }

  #start(batch: BatchRecord, work: () => Promise<void>, after: () => void): void {
    const task = work()
      .catch((error: unknown) => {
        // Redis is away, or the producer stops: what is to be noted cannot be.
        if (this.#context.signal.aborted) return;
        this.#context.log.error({ batch: batch.spec.id, err: error }, `a duty could not be noted: ${messageOf(error)}`);
      })
      .finally(() => {
        after();
        this.#tasks.delete(task);
      });
    this.#tasks.add(task);
  }

  /**
   * Does a duty unless it failed a moment ago. A failure is noted in the batch, which says so until the duty succeeds, and
   * keeps no other duty from being done.
   */
  async #attempt(batch: BatchRecord, care: Care, duty: Duty, work: () => Promise<unknown>): Promise<void> {
    const { ledger, log, means, signal } = this.#context;
    const { id } = batch.spec;
    const stall = batch.stalls.find((each) => each.duty === duty);
    // A person who wants the batch to end clears the stall: then there is nothing to wait for.
    if (stall !== undefined && performance.now() < (care.restsUntil.get(duty) ?? 0)) return;
    try {
      const isOthers = (await work()) === OTHERS;
      care.restsUntil.delete(duty);
      if (stall !== undefined && !isOthers) await ledger.stalls.clear(id, duty);
    } catch (error) {
      if (signal.aborted) return;
      if (means.note(error)) {
        // No fault of the batch: another producer may do it, and this one leaves it alone for a while.
        log.error({ batch: id, duty, err: error }, `${duty} is left to others: ${messageOf(error)}`);
        return;
      }
      const reason = error instanceof SnapshotPartLost ? "snapshot" : DUTY_REASONS[duty];
      const delayMs = await ledger.stalls.note(id, duty, reason, messageOf(error));
      care.restsUntil.set(duty, performance.now() + delayMs);
      log.error(
        { batch: id, duty, err: error },
        `${duty} failed and is tried again in ${delayMs} ms: ${messageOf(error)}`,
      );
    }
  }

  async #ingest(batch: BatchRecord): Promise<typeof OTHERS | undefined> {
    const lease = this.#context.lease(`ingest:${batch.spec.id}`);
    if (!(await lease.hold())) return OTHERS;
    try {
      await ingest(this.#context, batch.spec.id, () => lease.hold());
      return undefined;
    } finally {
      await lease.release();
    }
  }

  async #keep(batch: BatchRecord, care: Care, nowMs: number): Promise<typeof OTHERS | undefined> {
    if (!(await this.#context.lease(`keep:${batch.spec.id}`).hold())) return OTHERS;
    await this.#lookAfter(batch, care, nowMs);
    return undefined;
  }

  async #lookAfter(batch: BatchRecord, care: Care, nowMs: number): Promise<void> {
    care.log.note(batch, nowMs);
    if (await this.#mayBeTold(batch)) return;
    if (await this.#adoptForgotten(batch, care)) return;
    await this.#attempt(batch, care, "control", () => keepControlFile(this.#context, batch));
    if (nowMs - care.signedAt >= SIGN_EVERY_MS) {
      care.signedAt = nowMs;
      await leaveSign(this.#context, batch);
    }
    if (batch.reopening !== undefined) {
      await this.#attempt(batch, care, "reopen", () => reopenRound(this.#context, batch));
      return;
    }
    if (batch.cancelled) await sweepStopped(this.#context, this.#presence, batch);
    if (isThrough(batch)) {
      await this.#attempt(batch, care, "finish", () => finish(this.#context, batch.spec.id));
      return;
    }
    await keepPilot(this.#context.ledger, batch);
    await keepLimits(this.#context, batch, serverNow());
    await keepFallback(this.#context, batch, serverNow());
    if (batch.state === "running" && nowMs - care.sampledAt >= SAMPLE_MS) {
      care.sampledAt = nowMs;
      await this.#context.ledger.sample(batch.spec.id, settledCount(batch.counts), serverNow());
    }
    if (nowMs - care.drainedAt >= DRAIN_MS) {
      care.drainedAt = nowMs;
      await this.#attempt(batch, care, "drain", async () => {
        await drainOutcomes(this.#context, batch, batch.reportSequence);
      });
      const { costUsd, lostUsd, maybeUsd, recoveredAt } = batch;
      const sums = [costUsd, lostUsd, maybeUsd, recoveredAt ?? ""].join(" ");
      if (sums !== care.booked) await this.#context.costs.note(batch.spec.id, batch.days);
      care.booked = sums;
    }
    if (nowMs - care.sweptAt >= SWEEP_MS) {
      care.sweptAt = nowMs;
      await this.#lostJobs.sweep(this.#context, batch);
    }
  }

  /**
   * Living workers may still say what they have under way and Redis has forgotten: a stop or an end that is adopted before
   * would find nothing in flight, and what is being paid for would be thrown away.
   */
  async #mayBeTold({ spec }: BatchRecord): Promise<boolean> {
    const { continuity } = this.#context;
    return (await continuity.mayHaveForgotten(spec.createdAt)) && (await continuity.settlingMs()) > 0;
  }

  /** Once for every run of Redis that may have forgotten something, and before anything is noted from what it knows. */
  async #adoptForgotten({ spec, recoveredAt }: BatchRecord, care: Care): Promise<boolean> {
    const { continuity } = this.#context;
    const run = `${await continuity.since()} ${recoveredAt ?? ""}`;
    if (care.compared === run) return false;
    const isBehind = recoveredAt !== undefined || (await continuity.mayHaveForgotten(spec.createdAt));
    const adopted = isBehind && (await adoptControl(this.#context, spec.id));
    care.compared = run;
    return adopted;
  }

  /** Waits for what is under way; whatever a stop cuts short is done again by another producer. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#tasks);
  }
}
