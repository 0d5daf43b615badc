import { isEnded, messageOf, settledCount } from "@darkroom/core";
import type { BatchRecord, Presence } from "@darkroom/ledger";
import type { ProducerContext } from "./context.ts";
import { drainOutcomes } from "./drain.ts";
import { Feeder } from "./feeder.ts";
import { finish, isThrough } from "./finish.ts";
import { ingest } from "./ingest.ts";
import { LostJobs, sweepCancelled } from "./sweep.ts";

/** Without a nudge the keeper looks round this often. */
export const ROUND_MS = 250;
const SAMPLE_MS = 5_000;
const DRAIN_MS = 2_000;
const SWEEP_MS = 15_000;
/** An ingest that failed for the moment begins again after this. */
const INGEST_AGAIN_MS = 3_000;
const HEAL_MS = 5_000;

interface Care {
  sampledAt: number;
  drainedAt: number;
  sweptAt: number;
  busy: boolean;
  ingesting: boolean;
  ingestAt: number;
}

/**
 * A producer's round: reads every active batch, feeds the lanes, and takes care of each batch (ingest, rate samples,
 * report parts, lost jobs, the end). Each duty is done by one producer at a time, under a lease that another takes over
 * within seconds.
 */
export class Keeper {
  readonly #context: ProducerContext;
  readonly #feeder: Feeder;
  readonly #lostJobs: LostJobs;
  readonly #cares = new Map<string, Care>();
  readonly #tasks = new Set<Promise<void>>();
  readonly #healedAt = new Map<string, number>();

  constructor(context: ProducerContext, presence: Presence) {
    this.#context = context;
    this.#feeder = new Feeder(context);
    this.#lostJobs = new LostJobs(presence);
  }

  async round(nowMs: number): Promise<void> {
    const { ledger } = this.#context;
    const ids = await ledger.activeBatches();
    const read = await Promise.all(ids.map(async (id) => await ledger.read(id)));
    const batches = read.filter((record) => record !== undefined).sort((a, b) => a.createdAt - b.createdAt);
    const lanes = new Set([...batches.map(({ spec }) => spec.lane), ...Object.values(this.#context.lanes)]);
    for (const lane of lanes) await this.#serveLane(lane, batches, nowMs);
    for (const batch of batches) this.#care(batch, nowMs);
    for (const id of this.#cares.keys()) if (!ids.includes(id)) this.#cares.delete(id);
  }

  async #serveLane(name: string, batches: readonly BatchRecord[], nowMs: number): Promise<void> {
    if (!(await this.#context.lease(`feed:${name}`).hold())) return;
    const lane = this.#context.lane(name);
    if (nowMs - (this.#healedAt.get(name) ?? -HEAL_MS) >= HEAL_MS) {
      this.#healedAt.set(name, nowMs);
      if (await lane.heal(this.#context.laneConcurrency))
        this.#context.log.warn({ lane: name }, "a resting lane goes on");
    }
    if (await lane.probeIfDue(Date.now())) this.#context.log.info({ lane: name }, "probing the blocked lane");
    await this.#feeder.feed(
      name,
      batches.filter(({ spec }) => spec.lane === name),
      nowMs,
    );
  }

  #care(batch: BatchRecord, nowMs: number): void {
    const { id } = batch.spec;
    const care = this.#cares.get(id) ?? {
      sampledAt: -SAMPLE_MS,
      drainedAt: nowMs,
      sweptAt: nowMs,
      busy: false,
      ingesting: false,
      ingestAt: nowMs,
    };
    this.#cares.set(id, care);
    if (isEnded(batch.state)) {
      // Its producer died between ending it and taking it off the list.
      this.#start(
        batch,
        "retiring",
        () => this.#context.ledger.retire(id),
        () => undefined,
      );
      return;
    }
    if (!batch.ingested && !batch.cancelled && !care.ingesting && nowMs >= care.ingestAt) {
      care.ingesting = true;
      care.ingestAt = nowMs + INGEST_AGAIN_MS;
      this.#start(
        batch,
        "ingest",
        () => this.#ingest(batch),
        () => (care.ingesting = false),
      );
    }
    if (care.busy) return;
    care.busy = true;
    this.#start(
      batch,
      "care",
      () => this.#keep(batch, care, nowMs),
      () => (care.busy = false),
    );
  }

  #start(batch: BatchRecord, what: string, work: () => Promise<void>, after: () => void): void {
    const task = work()
      .catch((error: unknown) => {
        if (this.#context.signal.aborted) return;
        this.#context.log.error(
          { batch: batch.spec.id, err: error },
          `${what} failed and is tried again: ${messageOf(error)}`,
        );
      })
      .finally(() => {
        after();
        this.#tasks.delete(task);
      });
    this.#tasks.add(task);
  }

  async #ingest(batch: BatchRecord): Promise<void> {
    const lease = this.#context.lease(`ingest:${batch.spec.id}`);
    if (!(await lease.hold())) return;
    try {
      await ingest(this.#context, batch.spec.id, () => lease.hold());
    } finally {
      await lease.release();
    }
  }

  async #keep(batch: BatchRecord, care: Care, nowMs: number): Promise<void> {
    if (!(await this.#context.lease(`keep:${batch.spec.id}`).hold())) return;
    if (batch.cancelled) await sweepCancelled(this.#context, batch);
    if (isThrough(batch)) {
      await finish(this.#context, batch.spec.id);
      return;
    }
    if (nowMs - care.sampledAt >= SAMPLE_MS) {
      care.sampledAt = nowMs;
      await this.#context.ledger.sample(batch.spec.id, settledCount(batch.counts), Date.now());
    }
    if (nowMs - care.drainedAt >= DRAIN_MS) {
      care.drainedAt = nowMs;
      await drainOutcomes(this.#context, batch, batch.reportSequence);
    }
    if (nowMs - care.sweptAt >= SWEEP_MS) {
      care.sweptAt = nowMs;
      await this.#lostJobs.sweep(this.#context, batch);
    }
  }

  /** Waits for what is under way; whatever a stop cuts short is done again by another producer. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#tasks);
  }
}
