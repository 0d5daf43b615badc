import { isEnded, messageOf, settledCount, SIGN_EVERY_MS, type WaitReason, protocolMs } from "@darkroom/core";
import type { BatchRecord, Duty, WorkerHeartbeats } from "@darkroom/ledger";
import { SnapshotPartLost } from "@darkroom/manifest";
import { serverNow } from "@darkroom/redis-kit";
import { adoptControl } from "./control/adopt-control.ts";
import { BatchLog } from "./report/batch-log.ts";
import type { ProducerContext } from "./context.ts";
import { BatchConditions } from "./feed/batch-conditions.ts";
import { FeedForwarding } from "./feed/feed-forwarding.ts";
import { drainOutcomes } from "./report/drain.ts";
import { finish, isThrough } from "./report/finish.ts";
import { ingest } from "./ingest/ingest.ts";
import { watchDestinations } from "./duties/watch-destinations.ts";
import { failOverToFallback } from "./duties/fail-over.ts";
import { storeControlFile } from "./control/control-file.ts";
import { writeRunningMarker } from "./control/running-marker.ts";
import { enforceLimits } from "./duties/enforce-limits.ts";
import { SupportedBatches } from "./duties/supported-batches.ts";
import { LaneFeeding } from "./dispatch/lane-feeding.ts";
import { ScheduleDuty, type ScheduleDutyOptions } from "./schedules/schedule-duty.ts";
import { advancePilot } from "./dispatch/pilot.ts";
import { retireBatch } from "./report/batch-end-file.ts";
import { reopenRound } from "./rounds/reopen-round.ts";
import { DRAIN_MS, SAMPLE_MS, SWEEP_MS } from "./dispatch/intervals.ts";
import { OrphanedJobs, sweepStopped } from "./duties/sweep.ts";

/** Interval between searches for active batches that are missing from the list. */
const ADOPT_MS = protocolMs(15_000);
/** Interval between updates of blocked destinations. */
const DESTINATIONS_MS = protocolMs(2_000);
/** Delay before a failed ingest is retried. */
const INGEST_AGAIN_MS = protocolMs(3_000);
/** The wait reason that a batch shows while a duty fails. */
const DUTY_REASONS: Readonly<Record<Duty, WaitReason>> = {
  ingest: "source",
  control: "storage",
  drain: "report",
  reopen: "report",
  finish: "report",
  retire: "storage",
  care: "internal",
};

/** Result of a duty whose lease another producer holds. */
const OTHERS = Symbol("another producer has the duty");

interface BatchDuties {
  signedAt: number;
  sampledAt: number;
  drainedAt: number;
  sweptAt: number;
  /**
   * The sums last written to the cost book, with the batch's recovery time, because a Redis that was emptied has no
   * cost book.
   */
  booked: string;
  /** The server epoch and recovery time at which the batch was last compared with its control file. */
  compared: string;
  /** Duty → when a failed one is retried (monotonic ms). */
  readonly restsUntil: Map<Duty, number>;
  busy: boolean;
  ingesting: boolean;
  ingestAt: number;
  readonly log: BatchLog;
}

/**
 * The producer's reconcile loop. Each tick reads every active batch, feeds the lanes and runs each batch's duties:
 * ingest, rate samples, report parts, sweeps, the end. A lease gives each duty to one producer. If that producer dies,
 * another takes over within seconds.
 */
export class Reconciler {
  readonly #context: ProducerContext;
  readonly #feeding: LaneFeeding;
  readonly #presence: WorkerHeartbeats;
  readonly #orphanedJobs: OrphanedJobs;
  readonly #supported: SupportedBatches;
  readonly #schedules: ScheduleDuty;
  readonly #forwarding: FeedForwarding;
  readonly #conditions: BatchConditions;
  readonly #duties = new Map<string, BatchDuties>();
  readonly #tasks = new Set<Promise<void>>();
  #adoptedAt = -ADOPT_MS;
  #destinationsAt = -DESTINATIONS_MS;

  constructor(context: ProducerContext, presence: WorkerHeartbeats, schedules: ScheduleDutyOptions) {
    this.#context = context;
    this.#feeding = new LaneFeeding(context);
    this.#presence = presence;
    this.#orphanedJobs = new OrphanedJobs(presence);
    this.#supported = new SupportedBatches(context);
    this.#schedules = new ScheduleDuty(() => ({ ...context, means: context.means.current }), schedules);
    this.#forwarding = new FeedForwarding(context);
    this.#conditions = new BatchConditions(context);
  }

  /** Reads the schedules with the next tick. */
  lookAtSchedules(): void {
    this.#schedules.look();
  }

  /** Number of batches that this producer reconciles. */
  get batches(): number {
    return this.#duties.size;
  }

  /**
   * Runs one tick of the loop.
   *
   * @returns the lanes that the caller should feed again at once
   */
  async tick(nowMs: number): Promise<readonly string[]> {
    const { ledger, log } = this.#context;
    if (nowMs - this.#adoptedAt >= ADOPT_MS) {
      this.#adoptedAt = nowMs;
      for (const batch of await ledger.adoptForgotten()) log.warn({ batch }, "adopted an orphaned batch");
    }
    const ids = await ledger.activeBatches();
    const read = await Promise.all(ids.map(async (id) => await ledger.read(id)));
    const batches = read.filter((record) => record !== undefined).sort((a, b) => a.createdAt - b.createdAt);
    await this.#forwarding.tick(batches);
    const { mine, dispatched } = this.#supported.sort(batches);
    this.#feeding.setBatches(dispatched);
    await this.#watchDestinations(mine, nowMs);
    await this.#schedules.tick(nowMs);
    const seeking: string[] = [];
    for (const lane of this.#feeding.lanes) if (await this.feed(lane, nowMs)) seeking.push(lane);
    for (const batch of mine) this.#reconcile(batch, nowMs);
    const active = new Set(ids);
    for (const id of this.#duties.keys()) if (!active.has(id)) this.#forget(id);
    return seeking;
  }

  /**
   * Feeds one lane. A failure in one lane does not delay other lanes or any batch's duties.
   *
   * @returns true when the caller should feed the lane again at once
   */
  async feed(lane: string, nowMs: number): Promise<boolean> {
    try {
      return await this.#feeding.feed(lane, nowMs);
    } catch (error) {
      const { log, signal } = this.#context;
      if (!signal.aborted) log.error({ lane, err: error }, `feeding the lane failed: ${messageOf(error)}`);
      return false;
    }
  }

  async #watchDestinations(batches: readonly BatchRecord[], nowMs: number): Promise<void> {
    if (nowMs - this.#destinationsAt < DESTINATIONS_MS) return;
    this.#destinationsAt = nowMs;
    try {
      await watchDestinations(this.#context, batches);
    } catch (error) {
      const { log, signal } = this.#context;
      if (!signal.aborted) log.error({ err: error }, `checking destinations failed: ${messageOf(error)}`);
    }
  }

  #forget(batchId: string): void {
    this.#duties.delete(batchId);
    this.#orphanedJobs.forget(batchId);
    this.#forwarding.forget(batchId);
    this.#conditions.forget(batchId);
    for (const duty of ["keep", "ingest"]) this.#context.forgetLease(`${duty}:${batchId}`);
  }

  #reconcile(batch: BatchRecord, nowMs: number): void {
    const { id } = batch.spec;
    const duties = this.#duties.get(id) ?? {
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
    this.#duties.set(id, duties);
    if (isEnded(batch.state)) {
      // The producer that ended the batch has not retired it yet, or died before retiring it.
      if (duties.busy) return;
      duties.busy = true;
      this.#start(
        batch,
        () => this.#attempt(batch, duties, "retire", () => retireBatch(this.#context, id)),
        () => (duties.busy = false),
      );
      return;
    }
    if (!batch.ingested && !batch.cancelled && !duties.ingesting && nowMs >= duties.ingestAt) {
      duties.ingesting = true;
      duties.ingestAt = nowMs + INGEST_AGAIN_MS;
      this.#start(
        batch,
        () => this.#attempt(batch, duties, "ingest", () => this.#ingest(batch)),
        () => (duties.ingesting = false),
      );
    }
    if (duties.busy) return;
    duties.busy = true;
    this.#start(
      batch,
      () => this.#attempt(batch, duties, "care", () => this.#underLease(batch, duties, nowMs)),
      () => (duties.busy = false),
    );
  }

  #start(batch: BatchRecord, work: () => Promise<void>, after: () => void): void {
    const task = work()
      .catch((error: unknown) => {
        // Redis is unreachable, so the stall cannot be recorded.
        if (this.#context.signal.aborted) return;
        this.#context.log.error(
          { batch: batch.spec.id, err: error },
          `a stalled duty could not be recorded: ${messageOf(error)}`,
        );
      })
      .finally(() => {
        after();
        this.#tasks.delete(task);
      });
    this.#tasks.add(task);
  }

  /**
   * Runs a duty unless it is waiting for its retry. Records a failure as a stall until the duty succeeds. A failure
   * does not block the other duties.
   */
  async #attempt(batch: BatchRecord, duties: BatchDuties, duty: Duty, work: () => Promise<unknown>): Promise<void> {
    const { ledger, log, means, signal } = this.#context;
    const { id } = batch.spec;
    const stall = batch.stalls.find((each) => each.duty === duty);
    // A request to end the batch clears the stall, and thus the wait.
    if (stall !== undefined && performance.now() < (duties.restsUntil.get(duty) ?? 0)) return;
    try {
      const isOthers = (await work()) === OTHERS;
      duties.restsUntil.delete(duty);
      if (stall !== undefined && !isOthers) await ledger.stalls.clear(id, duty);
    } catch (error) {
      if (signal.aborted) return;
      if (means.note(error)) {
        // This producer lacks a requirement, so it skips the batch for a while. Another producer may support the batch.
        log.error(
          { batch: id, duty, err: error },
          `${duty} skipped, this producer lacks something: ${messageOf(error)}`,
        );
        return;
      }
      const reason = error instanceof SnapshotPartLost ? "snapshot" : DUTY_REASONS[duty];
      const delayMs = await ledger.stalls.note(id, duty, reason, messageOf(error));
      duties.restsUntil.set(duty, performance.now() + delayMs);
      log.error({ batch: id, duty, err: error }, `${duty} failed, retrying in ${delayMs} ms: ${messageOf(error)}`);
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

  async #underLease(batch: BatchRecord, duties: BatchDuties, nowMs: number): Promise<typeof OTHERS | undefined> {
    if (!(await this.#context.lease(`keep:${batch.spec.id}`).hold())) return OTHERS;
    await this.#runDuties(batch, duties, nowMs);
    return undefined;
  }

  async #runDuties(batch: BatchRecord, duties: BatchDuties, nowMs: number): Promise<void> {
    duties.log.note(batch, nowMs);
    if (await this.#isSettling(batch)) return;
    if (await this.#adoptForgotten(batch, duties)) return;
    await this.#attempt(batch, duties, "control", () => storeControlFile(this.#context, batch));
    if (nowMs - duties.signedAt >= SIGN_EVERY_MS) {
      duties.signedAt = nowMs;
      await writeRunningMarker(this.#context, batch);
    }
    await this.#conditions.check(batch, nowMs);
    if (batch.reopening !== undefined) {
      await this.#attempt(batch, duties, "reopen", () => reopenRound(this.#context, batch));
      return;
    }
    if (batch.cancelled) await sweepStopped(this.#context, this.#presence, batch);
    if (isThrough(batch)) {
      await this.#attempt(batch, duties, "finish", () => finish(this.#context, batch.spec.id));
      return;
    }
    await advancePilot(this.#context.ledger, batch);
    await enforceLimits(this.#context, batch, serverNow());
    await failOverToFallback(this.#context, batch, serverNow());
    if (batch.state === "running" && nowMs - duties.sampledAt >= SAMPLE_MS) {
      duties.sampledAt = nowMs;
      await this.#context.ledger.sample(batch.spec.id, settledCount(batch.counts), serverNow());
    }
    if (nowMs - duties.drainedAt >= DRAIN_MS) {
      duties.drainedAt = nowMs;
      await this.#attempt(batch, duties, "drain", async () => {
        await drainOutcomes(this.#context, batch, batch.reportSequence);
      });
      const { costUsd, lostUsd, maybeUsd, recoveredAt } = batch;
      const sums = [costUsd, lostUsd, maybeUsd, recoveredAt ?? ""].join(" ");
      if (sums !== duties.booked) await this.#context.costs.note(batch.spec, batch.days);
      duties.booked = sums;
    }
    if (nowMs - duties.sweptAt >= SWEEP_MS) {
      duties.sweptAt = nowMs;
      await this.#orphanedJobs.sweep(this.#context, batch);
    }
  }

  /**
   * After a failover, live workers may still reassert claims that Redis lost. If the producer adopted a stop before
   * that, the producer would find nothing in flight and discard results that are being paid for.
   */
  async #isSettling({ spec }: BatchRecord): Promise<boolean> {
    const { continuity } = this.#context;
    return (await continuity.mayHaveForgotten(spec.createdAt)) && (await continuity.settlingMs()) > 0;
  }

  /** Runs once per server epoch in which Redis may have lost writes, before any file is written from its state. */
  async #adoptForgotten({ spec, recoveredAt }: BatchRecord, duties: BatchDuties): Promise<boolean> {
    const { continuity } = this.#context;
    const run = `${await continuity.since()} ${recoveredAt ?? ""}`;
    if (duties.compared === run) return false;
    const isBehind = recoveredAt !== undefined || (await continuity.mayHaveForgotten(spec.createdAt));
    const adopted = isBehind && (await adoptControl(this.#context, spec.id));
    duties.compared = run;
    return adopted;
  }

  /** Waits for running duties. If the stop interrupts a duty, another producer repeats it. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#tasks);
    await this.#forwarding.settle();
    await this.#schedules.settle();
  }
}
