import { DelayedError, Queue, Worker, type Job } from "bullmq";
import { DarkroomError, isDarkroomError, messageOf, protocolMs } from "@darkroom/core";
import { closeWithin, closeRedis, type RedisConnection } from "@darkroom/redis-kit";
import { openQueueConnection, type LaneConnection } from "./lane.ts";

/** Delay of a tick that a listener leaves to another listener. */
const LEFT_TO_ANOTHER_MS = protocolMs(1_000);

interface Tick {
  readonly schedule: string;
  /** The id for the occurrence's batch. Generated when absent. */
  readonly batchId?: string;
}

/** Cron ticks on BullMQ's job schedulers: one tick per occurrence for any number of listening producers. */
export class TickQueue {
  readonly #queue: Queue<Tick, void, string, Tick, void, string>;
  readonly #connection: LaneConnection;
  readonly #redis: RedisConnection;
  #workerRedis: RedisConnection | undefined;
  readonly #prefix: string;
  #worker: Worker<Tick> | undefined;

  constructor(connection: LaneConnection) {
    this.#connection = connection;
    this.#prefix = `{${connection.namespace}:ticks}`;
    this.#redis = openQueueConnection(connection, "darkroom-ticks");
    this.#queue = new Queue<Tick>("ticks", {
      connection: this.#redis,
      prefix: this.#prefix,
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
    });
    this.#queue.on("error", connection.onError);
  }

  /**
   * Creates or changes a schedule's timer.
   *
   * @param cron five or six fields
   * @param timeZone an IANA name, so that the server's zone is never used by accident
   * @throws DarkroomError `invalid_input` for an invalid pattern or zone
   */
  async set(scheduleId: string, cron: string, timeZone: string): Promise<void> {
    try {
      await this.#queue.upsertJobScheduler(
        scheduleId,
        { pattern: cron, tz: timeZone },
        { name: "tick", data: { schedule: scheduleId }, opts: { removeOnComplete: true, removeOnFail: true } },
      );
    } catch (error) {
      if (isDarkroomError(error)) throw error;
      throw new DarkroomError(
        "invalid_input",
        `"${cron}" in time zone "${timeZone}" is not a schedule: ${messageOf(error)}. Example: "0 2 * * *", "Europe/Berlin".`,
        { field: "cron", cause: error },
      );
    }
  }

  async remove(scheduleId: string): Promise<void> {
    await this.#queue.removeJobScheduler(scheduleId);
  }

  /** Adds a tick now, in addition to the timer's. */
  async tickNow(scheduleId: string, batchId?: string): Promise<void> {
    await this.#queue.add("tick", { schedule: scheduleId, ...(batchId === undefined ? {} : { batchId }) });
  }

  /** When the next tick is due (epoch ms). */
  async nextTick(scheduleId: string): Promise<number | undefined> {
    return (await this.#queue.getJobScheduler(scheduleId))?.next;
  }

  /**
   * Starts listening. A tick whose listener throws is not repeated, because that could submit its batch twice. A tick
   * whose process dies or stalls is redelivered to another listener.
   *
   * @param onTick receives the tick's id, which is the same in a redelivery, and the id for its batch
   * @param takes returns whether this listener takes a schedule's ticks; the others are left to other listeners.
   *   Defaults to all
   */
  listen(
    onTick: (scheduleId: string, tickId: string | undefined, batchId: string | undefined) => Promise<void>,
    takes: (scheduleId: string) => Promise<boolean> | boolean = () => true,
  ): void {
    this.#workerRedis = openQueueConnection(this.#connection, "darkroom-ticks-worker");
    const work = async (job: Job<Tick>, token?: string): Promise<void> => {
      const { schedule, batchId } = job.data;
      if (await takes(schedule)) return await onTick(schedule, job.id, batchId);
      await job.moveToDelayed(Date.now() + LEFT_TO_ANOTHER_MS, token);
      throw new DelayedError();
    };
    this.#worker = new Worker<Tick>("ticks", work, {
      connection: this.#workerRedis,
      prefix: this.#prefix,
      concurrency: 4,
      drainDelay: 2,
      maxStalledCount: 10,
    });
    this.#worker.on("error", this.#connection.onError);
    this.#worker.on("failed", (_, error) => this.#connection.onError(error));
  }

  async close(): Promise<void> {
    await closeWithin(async () => await this.#worker?.close());
    await closeWithin(() => this.#queue.close());
    await Promise.all([this.#redis, this.#workerRedis].map(async (redis) => redis && (await closeRedis(redis))));
  }
}
