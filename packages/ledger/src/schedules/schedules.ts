import { tenantOf, DarkroomError } from "@darkroom/core";
import { changeHashField, defineScript, type RedisConnection } from "@darkroom/redis-kit";
import { sharedKeys } from "../keys.ts";
import { withEvent, withRun } from "./record-run.ts";
import { isOwnBatch } from "./run-of-batch.ts";
import type { QueuedOccurrence, RunClaim, Schedule, ScheduleRun, StuckBatch } from "./schedule.ts";

/**
 * KEYS schedules · ARGV id, its text · returns 1, or 0 if the stored text differs. An equal stored text means that only
 * the reply to the first attempt was lost.
 */
const create = defineScript(`
if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 1 then return 1 end
return redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] and 1 or 0`);

/** How to handle due times that start no batch now. */
export interface Handled {
  /** Due times up to this one are handled (epoch ms). */
  readonly handledMs: number;
  /** The occurrence to queue. Absent: the schedule's queue does not change. */
  readonly queued?: QueuedOccurrence;
  readonly run?: ScheduleRun;
}

/** The schedules: definition, timer, history and events of each, stored as one JSON text. */
export class Schedules {
  readonly #redis: RedisConnection;
  readonly #key: string;

  constructor(redis: RedisConnection, namespace: string) {
    this.#redis = redis;
    this.#key = sharedKeys(namespace).schedules;
  }

  /** @param tenant defaults to all tenants */
  async list(tenant?: string): Promise<readonly Schedule[]> {
    const all = await this.#redis.hvals(this.#key);
    const schedules = all.map((text) => JSON.parse(text) as Schedule);
    const own = schedules.filter((schedule) => tenant === undefined || tenantOf(schedule) === tenant);
    return own.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async read(id: string): Promise<Schedule | undefined> {
    const text = await this.#redis.hget(this.#key, id);
    return text === null ? undefined : (JSON.parse(text) as Schedule);
  }

  /** @returns false if the id already exists; nothing changes then */
  async create(schedule: Schedule): Promise<boolean> {
    return (await create.run(this.#redis, [this.#key], [schedule.id, JSON.stringify(schedule)])) === 1;
  }

  async remove(id: string): Promise<boolean> {
    return (await this.#redis.hdel(this.#key, id)) === 1;
  }

  /**
   * Pauses a schedule: no occurrence starts until {@link resume}. A queued occurrence is dropped; a claimed one still
   * starts. A paused schedule keeps its first pause.
   *
   * @param atMs epoch ms
   * @returns undefined if the schedule is gone
   */
  async pause(id: string, atMs: number, reason?: string): Promise<Schedule | undefined> {
    return await this.#change(id, (schedule) => {
      if (schedule.paused !== undefined) return schedule;
      const { queued, ...rest } = schedule;
      const message = "the schedule was paused";
      const at = new Date(queued?.dueMs ?? 0).toISOString();
      const dropped = queued === undefined ? rest : withRun(rest, { at, outcome: "skipped_paused", message });
      const why = reason === undefined ? {} : { reason };
      const paused = { ...dropped, paused: { at: atMs, ...why } };
      return withEvent(paused, { type: "schedule.paused", data: { schedule: id, ...why } });
    });
  }

  /**
   * Ends a pause. Due times during the pause are not made up for.
   *
   * @param atMs epoch ms
   * @returns undefined if the schedule is gone
   */
  async resume(id: string, atMs: number): Promise<Schedule | undefined> {
    return await this.#change(id, (schedule) => {
      const { paused, ...rest } = schedule;
      if (paused === undefined) return schedule;
      // The clock may have been set back during the pause.
      const handledMs = Math.max(atMs, schedule.handledMs ?? 0);
      return withEvent({ ...rest, handledMs }, { type: "schedule.resumed", data: { schedule: id } });
    });
  }

  /**
   * Claims an occurrence, before anything of its batch is created. Replaces the occurrence that was queued.
   *
   * @param seen the schedule that the decision was based on
   * @param handledMs due times up to this one are handled (epoch ms); undefined for a requested occurrence
   * @returns false if the schedule has changed since, or is gone
   */
  async claimRun(seen: Schedule, claim: RunClaim, handledMs?: number): Promise<boolean> {
    const changed = await this.#change(seen.id, (schedule) => {
      if (schedule.claim?.batchId === claim.batchId) return schedule;
      if (!isSameTimer(schedule, seen)) return undefined;
      const { queued: _, ...rest } = schedule;
      return { ...rest, claim, ...(handledMs === undefined ? {} : { handledMs }) };
    });
    return changed !== undefined;
  }

  /**
   * Records how due times that start no batch now were handled.
   *
   * @param seen the schedule that the decision was based on
   * @returns false if the schedule has changed since, or is gone
   */
  async handle(seen: Schedule, { handledMs, queued, run }: Handled): Promise<boolean> {
    const changed = await this.#change(seen.id, (schedule) => {
      if (!isSameTimer(schedule, seen)) return undefined;
      const recorded = run === undefined ? schedule : withRun(schedule, run);
      return { ...recorded, handledMs, ...(queued === undefined ? {} : { queued }) };
    });
    return changed !== undefined;
  }

  /**
   * Checks that an occurrence is still the schedule's current one.
   *
   * @throws DarkroomError `conflict` when the schedule is gone or another occurrence has replaced this one
   */
  async confirmRun(id: string, { batchId }: RunClaim): Promise<void> {
    if ((await this.read(id))?.claim?.batchId === batchId) return;
    const message = `the run of schedule "${id}" was given up: the schedule was deleted, or another run took its place`;
    throw new DarkroomError("conflict", message);
  }

  /**
   * Records the result of a claimed occurrence once, unless another occurrence has replaced it. An occurrence without a
   * batch blocks nothing.
   */
  async settleRun(id: string, { batchId }: RunClaim, run: ScheduleRun): Promise<void> {
    await this.#change(id, (schedule) => {
      const { claim, ...rest } = schedule;
      if (claim?.batchId !== batchId || claim.isStarted === true) return undefined;
      if (run.batchId !== batchId) return withRun(rest, { ...run, claimed: batchId });
      return { ...withRun(rest, run), claim: { ...claim, isStarted: true } };
    });
  }

  /** Records how the batch of an occurrence ended, for the time after the batch is forgotten. */
  async endRun(id: string, end: ScheduleRun): Promise<void> {
    const ended = (run: ScheduleRun): ScheduleRun =>
      run.batchId === end.batchId && isOwnBatch(run) ? { ...end, at: run.at } : run;
    await this.#change(id, (schedule) => ({
      ...schedule,
      ...(schedule.lastRun === undefined ? {} : { lastRun: ended(schedule.lastRun) }),
      ...(schedule.runs === undefined ? {} : { runs: schedule.runs.map(ended) }),
    }));
  }

  /** Reports in the feed that a schedule's batch is stuck, why, or that it is no longer stuck. */
  async tellStuck(id: string, stuck: StuckBatch | undefined): Promise<void> {
    await this.#change(id, (schedule) => {
      const { stuck: told, ...rest } = schedule;
      if (told?.batchId === stuck?.batchId && told?.reason === stuck?.reason) return undefined;
      if (stuck === undefined) {
        const data = { schedule: id, batch: told?.batchId ?? "" };
        return withEvent(rest, { type: "schedule.unstuck", data });
      }
      const { batchId: batch, reason, message } = stuck;
      const data = { schedule: id, batch, reason, message };
      return withEvent({ ...rest, stuck }, { type: "schedule.stuck", data });
    });
  }

  /**
   * Changes a schedule atomically. Repeats the read and the edit if another process has changed the schedule in the
   * meantime.
   *
   * @returns undefined if the schedule is gone, or `edit` returns no change
   */
  async #change(id: string, edit: (schedule: Schedule) => Schedule | undefined): Promise<Schedule | undefined> {
    const field = { key: this.#key, field: id };
    const changed = await changeHashField(this.#redis, field, (text) => {
      const schedule = edit(JSON.parse(text) as Schedule);
      return schedule === undefined ? undefined : JSON.stringify(schedule);
    });
    return changed === undefined ? undefined : (JSON.parse(changed) as Schedule);
  }
}

/** True if nothing has changed that determines the next occurrence. */
function isSameTimer(one: Schedule, other: Schedule): boolean {
  const timerOf = ({ createdAt, cron, timeZone, handledMs, paused, queued, claim }: Schedule) =>
    JSON.stringify([createdAt, cron, timeZone, handledMs, paused, queued, claim]);
  return timerOf(one) === timerOf(other);
}
