import { messageOf, protocolMs } from "@darkroom/core";
import { batchInTheWay, stuckBatch, type Schedule } from "@darkroom/ledger";
import { serverNow } from "@darkroom/redis-kit";
import type { ProducerContext } from "../context.ts";
import { recordOccurrences } from "./record-occurrences.ts";
import type { OccurrenceContext } from "./run-occurrence.ts";
import { hasWork, tickSchedule } from "./tick-schedule.ts";

/** Interval between two reads of all schedules, if no message announces a change. */
const READ_MS = protocolMs(5_000);
/** Interval between two checks of a schedule whose queued occurrence waits for a batch. */
const QUEUE_MS = protocolMs(1_000);
/** How long a batch must make no progress before the feed reports it, because a deployment replaces processes. */
const STUCK_MS = protocolMs(20_000);

type DutyContext = OccurrenceContext &
  Pick<
    ProducerContext,
    "attendance" | "destinations" | "forgetLease" | "lane" | "laneLimits" | "lease" | "log" | "metrics" | "signal"
  >;

export interface ScheduleDutyOptions {
  /** The schedules whose occurrences this producer starts. */
  readonly schedules: "all" | readonly string[];
  /** Epoch ms. Defaults to Redis' clock. */
  readonly now?: (() => number) | undefined;
}

/** The producer's duties for schedules: starts their occurrences, and records and reports the outcomes. */
export class ScheduleDuty {
  readonly #context: () => DutyContext;
  readonly #mine: "all" | readonly string[];
  readonly #now: () => number;
  #known = new Map<string, Schedule>();
  /** Schedule → its last forwarded event. */
  readonly #forwarded = new Map<string, string>();
  /** Schedule → its stuck batch with the reason, and since when (monotonic ms). */
  readonly #stuckSince = new Map<string, { readonly what: string; readonly sinceMs: number }>();
  readonly #starting = new Map<string, Promise<void>>();
  /** Schedule → time of its next check (monotonic ms). */
  readonly #restsUntil = new Map<string, number>();
  #readAt = -Infinity;
  #isReading = false;

  /** @param context returns the producer's parts as they are now */
  constructor(context: () => DutyContext, { schedules, now = serverNow }: ScheduleDutyOptions) {
    this.#context = context;
    this.#mine = schedules;
    this.#now = now;
  }

  /** Reads the schedules with the next tick, because one has changed. */
  look(): void {
    this.#readAt = -Infinity;
  }

  /**
   * Starts the due occurrences without waiting for them. A failure is retried at a later tick.
   *
   * @param nowMs monotonic ms
   */
  async tick(nowMs: number): Promise<void> {
    if (nowMs - this.#readAt >= READ_MS && !this.#isReading) {
      this.#readAt = nowMs;
      this.#isReading = true;
      try {
        await this.#read(nowMs);
      } catch (error) {
        this.#complain(error, "checking schedules failed");
      } finally {
        this.#isReading = false;
      }
    }
    for (const schedule of this.#known.values()) {
      const { id } = schedule;
      if (!this.#isMine(id) || this.#starting.has(id) || nowMs < (this.#restsUntil.get(id) ?? 0)) continue;
      if (!hasWork(schedule, this.#now())) continue;
      const work = this.#work(id, nowMs).finally(() => this.#starting.delete(id));
      this.#starting.set(id, work);
    }
  }

  /** Waits for the occurrences that are being started. */
  async settle(): Promise<void> {
    await Promise.all(this.#starting.values());
  }

  #isMine(id: string): boolean {
    return this.#mine === "all" || this.#mine.includes(id);
  }

  async #read(nowMs: number): Promise<void> {
    const schedules = await recordOccurrences(this.#context());
    this.#known = new Map(schedules.map((schedule) => [schedule.id, schedule]));
    for (const map of [this.#stuckSince, this.#restsUntil, this.#forwarded]) {
      for (const id of map.keys()) if (!this.#known.has(id)) map.delete(id);
    }
    for (const schedule of schedules) await this.#tellStuck(schedule, nowMs);
    await this.#forward(schedules);
  }

  async #work(id: string, nowMs: number): Promise<void> {
    const context = this.#context();
    const name = `schedule:${id}`;
    try {
      if (!(await context.lease(name).hold())) return;
      await tickSchedule(context, id, this.#now());
      this.#restsUntil.set(id, nowMs + QUEUE_MS);
    } catch (error) {
      this.#restsUntil.set(id, nowMs + READ_MS);
      this.#complain(error, `the run of schedule "${id}" failed`, id);
    } finally {
      context.forgetLease(name);
      await this.#reread(id);
    }
  }

  async #reread(id: string): Promise<void> {
    try {
      const schedule = await this.#context().schedules.read(id);
      if (schedule === undefined) this.#known.delete(id);
      else this.#known.set(id, schedule);
    } catch (error) {
      this.#complain(error, "checking schedules failed");
    }
  }

  async #tellStuck(schedule: Schedule, nowMs: number): Promise<void> {
    const { ledger, schedules } = this.#context();
    const { id } = schedule;
    const batchId = batchInTheWay(schedule);
    const record = batchId === undefined ? undefined : await ledger.read(batchId);
    const stuck = record === undefined ? undefined : await stuckBatch(this.#context(), record, this.#now());
    if (stuck === undefined) {
      this.#stuckSince.delete(id);
      if (schedule.stuck !== undefined) await schedules.tellStuck(id, undefined);
      return;
    }
    const what = `${stuck.batchId} ${stuck.reason}`;
    const before = this.#stuckSince.get(id);
    if (before?.what !== what) this.#stuckSince.set(id, { what, sinceMs: nowMs });
    else if (nowMs - before.sinceMs >= STUCK_MS) await schedules.tellStuck(id, stuck);
  }

  /** Forwards the events of schedules to the deployment's feed. */
  async #forward(schedules: readonly Schedule[]): Promise<void> {
    const { feed } = this.#context().ledger;
    for (const schedule of schedules) {
      const last = schedule.events?.at(-1);
      if (last === undefined) continue;
      const known = `${schedule.createdAt} ${last.sequence}`;
      if (this.#forwarded.get(schedule.id) === known) continue;
      if (await feed.forwardSchedule(schedule)) this.#forwarded.set(schedule.id, known);
    }
  }

  #complain(error: unknown, what: string, schedule?: string): void {
    const { log, signal } = this.#context();
    if (!signal.aborted)
      log.error({ ...(schedule === undefined ? {} : { schedule }), err: error }, `${what}: ${messageOf(error)}`);
  }
}
