import { tenantOf, DarkroomError, type BatchState, type ErrorCode, type Submission } from "@darkroom/core";
import { changeHashField, defineScript, serverNow, type RedisConnection } from "@darkroom/redis-kit";
import { sharedKeys } from "../keys.ts";

/** Number of occurrences kept per schedule. */
export const KEPT_RUNS = 20;

/**
 * KEYS schedules · ARGV id, its text · returns 1, or 0 if the stored text differs. The same text is stored already if
 * only the first command's reply was lost.
 */
const create = defineScript(`
if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 1 then return 1 end
return redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] and 1 or 0`);

/** A batch that is submitted repeatedly by a timer. */
export interface Schedule {
  readonly id: string;
  /**
   * The schedule's tenant; absent for the default tenant. For other tenants, the id begins with the tenant and a dot.
   */
  readonly tenant?: string;
  /** Prefixes that the creating key may read. Absent: no limit. */
  readonly within?: readonly string[];
  /** Five or six fields. */
  readonly cron: string;
  /** IANA name. */
  readonly timeZone: string;
  /** The submission. `{date}` in the destination is replaced by the tick's date in the schedule's zone. */
  readonly submission: Submission;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly lastRun?: ScheduleRun;
  /** The last {@link KEPT_RUNS}, newest first. Absent before the first occurrence. */
  readonly runs?: readonly ScheduleRun[];
  /** The latest claimed occurrence. Stays until the next claim, or until the occurrence fails. */
  readonly claim?: RunClaim;
  /** Number of the schedule's events in the feed. */
  readonly missed?: number;
}

/** A tick's exclusive right to create the schedule's next batch. */
export interface RunClaim {
  /** Id of the batch, which may not exist yet. */
  readonly batchId: string;
  /** Epoch ms. */
  readonly at: number;
  /** The tick that claimed the occurrence. If the tick is redelivered, its former process is considered dead. */
  readonly tick?: string;
}

/** The result of a tick. */
export interface ScheduleRun {
  /** ISO 8601. */
  readonly at: string;
  readonly batchId?: string;
  /** The outcome of a started occurrence is its batch's state. */
  readonly outcome: "started" | "skipped_overlap" | "failed" | BatchState;
  readonly message?: string;
  /** Why the occurrence failed before it created a batch. */
  readonly code?: ErrorCode;
  /** The planned id of the occurrence's batch, if none was created. */
  readonly claimed?: string;
  /** For an occurrence whose batch has ended. */
  readonly found?: RunFindings;
  /** The feed's event, for an occurrence that started no batch. */
  readonly missed?: MissedEvent;
}

/** Number and time (epoch ms) of the event that reports a missed occurrence. */
interface MissedEvent {
  readonly sequence: number;
  readonly atMs: number;
}

/** Findings of an occurrence in its source. */
interface RunFindings {
  /** New or changed photos, or rows of a manifest: the batch's portraits. */
  readonly portraits: number;
  /** Photos that an earlier occurrence delivered. */
  readonly unchanged: number;
  readonly failed: number;
}

/**
 * Adds a newer occurrence. A repeated skip for the same batch replaces the earlier skip. An occurrence that started no
 * batch is numbered for the feed, which reports repeated skips for the same batch once.
 */
function withRun(
  { runs = [], missed = 0 }: Schedule,
  newer: ScheduleRun,
): Pick<Schedule, "lastRun" | "runs" | "missed"> {
  const [newest, ...older] = runs;
  const isSameSkip =
    newest?.outcome === "skipped_overlap" && newer.outcome === newest.outcome && newer.batchId === newest.batchId;
  const isMissed = newer.outcome === "skipped_overlap" || newer.outcome === "failed";
  const event = isSameSkip ? newest.missed : isMissed ? { sequence: missed + 1, atMs: serverNow() } : undefined;
  const run = event === undefined ? newer : { ...newer, missed: event };
  return {
    lastRun: run,
    runs: [run, ...(isSameSkip ? older : runs)].slice(0, KEPT_RUNS),
    ...(event === undefined ? {} : { missed: event.sequence }),
  };
}

/** The definitions of schedules. Their timers are in `lanes`. */
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

  /** Records the result of a tick, unless the schedule is gone. */
  async recordRun(id: string, run: ScheduleRun): Promise<void> {
    await this.#change(id, (schedule) => ({ ...schedule, ...withRun(schedule, run) }));
  }

  /** Records how the batch of an occurrence ended, so that the end remains known when the batch is forgotten. */
  async endRun(id: string, batchId: string, end: Pick<ScheduleRun, "outcome" | "message" | "found">): Promise<void> {
    const ended = (run: ScheduleRun): ScheduleRun =>
      run.batchId !== batchId || run.outcome === "skipped_overlap" ? run : { at: run.at, batchId, ...end };
    await this.#change(id, (schedule) => ({
      ...schedule,
      ...(schedule.lastRun === undefined ? {} : { lastRun: ended(schedule.lastRun) }),
      ...(schedule.runs === undefined ? {} : { runs: schedule.runs.map(ended) }),
    }));
  }

  /**
   * Claims a schedule's next occurrence, before anything of its batch is created.
   *
   * @param over the claim that was read, and has ended or is void
   * @returns false if another tick has claimed the occurrence since, or the schedule is gone
   */
  async claimRun(id: string, claim: RunClaim, over: RunClaim | undefined): Promise<boolean> {
    return await this.#change(id, (schedule) =>
      schedule.claim?.batchId === over?.batchId || schedule.claim?.batchId === claim.batchId
        ? { ...schedule, claim }
        : undefined,
    );
  }

  /**
   * Confirms a claim once its batch exists, and restarts the claim's timeout.
   *
   * @throws DarkroomError `conflict` when the schedule is gone or another tick has replaced its occurrence
   */
  async confirmRun(id: string, claim: RunClaim): Promise<void> {
    const isHeld = await this.#change(id, (schedule) =>
      schedule.claim?.batchId === claim.batchId ? { ...schedule, claim } : undefined,
    );
    if (isHeld) return;
    const message = `the run of schedule "${id}" was given up: the schedule was deleted, or another run took its place`;
    throw new DarkroomError("conflict", message);
  }

  /**
   * Records the result of a claimed occurrence, unless another occurrence has replaced it. An occurrence without a
   * batch blocks nothing.
   */
  async settleRun(id: string, claimed: string, run: ScheduleRun): Promise<void> {
    await this.#change(id, (schedule) => {
      if (schedule.claim?.batchId !== claimed) return undefined;
      const { claim, ...rest } = schedule;
      const made = run.batchId === claimed;
      return { ...rest, ...withRun(rest, made ? run : { ...run, claimed }), ...(made ? { claim } : {}) };
    });
  }

  /**
   * Changes a schedule atomically. Repeats the read and the edit if another process has changed the schedule meanwhile.
   *
   * @returns false if the schedule is gone, or `edit` returns no change
   */
  async #change(id: string, edit: (schedule: Schedule) => Schedule | undefined): Promise<boolean> {
    const field = { key: this.#key, field: id };
    const changed = await changeHashField(this.#redis, field, (text) => {
      const schedule = edit(JSON.parse(text) as Schedule);
      return schedule === undefined ? undefined : JSON.stringify(schedule);
    });
    return changed !== undefined;
  }
}
