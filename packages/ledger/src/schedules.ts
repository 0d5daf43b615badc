import type { RedisConnection } from "@darkroom/redis-kit";
import type { BatchState, Submission } from "@darkroom/core";
import { sharedKeys } from "./keys.ts";

/** A batch that is submitted again and again by the clock. */
export interface Schedule {
  readonly id: string;
  /** Five or six fields. */
  readonly cron: string;
  /** IANA name. */
  readonly timeZone: string;
  /** What is submitted; `{date}` in the destination becomes the tick's date in the schedule's zone. */
  readonly submission: Submission;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly lastRun?: ScheduleRun;
}

/** What came of a tick. */
export interface ScheduleRun {
  /** ISO 8601. */
  readonly at: string;
  readonly batchId?: string;
  /** A started run's outcome is its batch's state. */
  readonly outcome: "started" | "skipped_overlap" | "failed" | BatchState;
  readonly message?: string;
}

/** The schedules' definitions; their clocks are in `lanes`. */
export class Schedules {
  readonly #redis: RedisConnection;
  readonly #key: string;

  constructor(redis: RedisConnection, namespace: string) {
    this.#redis = redis;
    this.#key = sharedKeys(namespace).schedules;
  }

  async list(): Promise<readonly Schedule[]> {
    const all = await this.#redis.hvals(this.#key);
    const schedules = all.map((text) => JSON.parse(text) as Schedule);
    return schedules.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async read(id: string): Promise<Schedule | undefined> {
    const text = await this.#redis.hget(this.#key, id);
    return text === null ? undefined : (JSON.parse(text) as Schedule);
  }

  async write(schedule: Schedule): Promise<void> {
    await this.#redis.hset(this.#key, schedule.id, JSON.stringify(schedule));
  }

  async remove(id: string): Promise<boolean> {
    return (await this.#redis.hdel(this.#key, id)) === 1;
  }

  async recordRun(id: string, lastRun: ScheduleRun): Promise<void> {
    const schedule = await this.read(id);
    if (schedule !== undefined) await this.write({ ...schedule, lastRun });
  }
}
