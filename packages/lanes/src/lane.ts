import { Queue } from "bullmq";
import type { Blocked } from "@darkroom/core";
import { closeWithin, closeRedis, connectRedis, type ConnectOptions, type RedisConnection } from "@darkroom/redis-kit";
import { laneKeys } from "./lane-keys.ts";

/** All that a job says; everything else is in the ledger and the snapshot. */
export interface PortraitJob {
  /** Batch id. */
  readonly b: string;
  /** Portrait index. */
  readonly i: number;
}

export interface BlockedLane extends Blocked {
  /** When a single portrait is sent to see whether it works again (epoch ms). */
  readonly probeAt: number;
  /** Probes that failed so far. */
  readonly probes: number;
  /** Since when a probe is on its way (epoch ms); null when none is. */
  readonly probingSince: number | null;
}

/** What a queue opens its own connection with. */
export interface LaneConnection extends Pick<ConnectOptions, "access" | "whenRefused" | "onError"> {
  readonly redisUrl: string;
  readonly namespace: string;
}

/** Waits between probes of a blocked lane: doubling from the first to the last. */
const FIRST_PROBE_MS = 15_000;
const LAST_PROBE_MS = 600_000;
const PROBE_AGAIN_MS = 60_000;
/** A delayed job may be this many pauses old before it is no longer looked for; a second job does no harm. */
const EPOCHS_LOOKED_AT = 8;

/**
 * A connection for one queue of BullMQ, which closes only the copies of it that it makes itself: whoever opens it here
 * closes it. BullMQ needs its commands one by one.
 */
export function openQueueConnection({ redisUrl, ...options }: LaneConnection, name: string): RedisConnection {
  return connectRedis({ ...options, url: redisUrl, name, autoPipelining: false });
}

/** The queue of one provider account. Only its window of portraits is ever in it. */
export class Lane {
  readonly name: string;
  readonly #queue: Queue<PortraitJob, void, string, PortraitJob, void, string>;
  readonly #redis: RedisConnection;
  readonly #queueRedis: RedisConnection;
  readonly #keys: ReturnType<typeof laneKeys>;
  readonly #firstProbeMs: number;

  /** @param redis a shared connection for the lane's own keys */
  constructor(
    connection: LaneConnection,
    redis: RedisConnection,
    name: string,
    options: { readonly firstProbeMs?: number } = {},
  ) {
    this.name = name;
    this.#redis = redis;
    this.#keys = laneKeys(connection.namespace, name);
    this.#firstProbeMs = options.firstProbeMs ?? FIRST_PROBE_MS;
    this.#queueRedis = openQueueConnection(connection, `darkroom-lane-${name}`);
    this.#queue = new Queue<PortraitJob>("portraits", {
      connection: this.#queueRedis,
      prefix: this.#keys.prefix,
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true, stackTraceLimit: 1 },
    });
    this.#queue.on("error", connection.onError);
  }

  /**
   * Adds portraits; one that is in the lane already is ignored. The epoch keeps a job that is just leaving (its batch
   * was paused and resumed) from swallowing its successor.
   *
   * @param first put them before everything that waits: for interactive batches
   */
  async add(batchId: string, epoch: number, indexes: readonly number[], first: boolean): Promise<void> {
    if (indexes.length === 0) return;
    await this.#queue.addBulk(
      indexes.map((index) => ({
        name: "portrait",
        data: { b: batchId, i: index },
        opts: { jobId: jobId(batchId, index, epoch), lifo: first },
      })),
    );
  }

  /** The portraits of these that have no job in the lane, of this epoch or the ones before. */
  async missing(batchId: string, epoch: number, indexes: readonly number[]): Promise<readonly number[]> {
    const epochs = Array.from({ length: Math.min(epoch + 1, EPOCHS_LOOKED_AT) }, (_, back) => epoch - back);
    const found = await Promise.all(
      indexes.map(async (index) => {
        const keys = epochs.map((of) => this.#queue.toKey(jobId(batchId, index, of)));
        return (await this.#redis.exists(...keys)) > 0;
      }),
    );
    return indexes.filter((_, place) => found[place] === false);
  }

  /** Jobs that wait, run and are delayed. */
  async counts(): Promise<{ readonly waiting: number; readonly active: number; readonly delayed: number }> {
    const counts = await this.#queue.getJobCounts("waiting", "prioritized", "active", "delayed");
    return {
      waiting: (counts["waiting"] ?? 0) + (counts["prioritized"] ?? 0),
      active: counts["active"] ?? 0,
      delayed: counts["delayed"] ?? 0,
    };
  }

  /** The coarse gate over all workers. */
  async setConcurrency(concurrency: number): Promise<void> {
    await this.#queue.setGlobalConcurrency(concurrency);
  }

  async blocked(): Promise<BlockedLane | undefined> {
    const text = await this.#redis.get(this.#keys.blocked);
    return text === null ? undefined : (JSON.parse(text) as BlockedLane);
  }

  /**
   * Stops the lane and says why (P7). When it is blocked already, only a failed probe pushes the next one back.
   *
   * @returns true when it was not blocked before
   */
  async block(reason: Blocked["reason"], message: string): Promise<boolean> {
    const before = await this.blocked();
    if (before !== undefined && before.probingSince === null) return false;
    const probes = before === undefined ? 0 : before.probes + 1;
    const waitMs = Math.min(this.#firstProbeMs * 2 ** Math.min(probes, 20), LAST_PROBE_MS);
    const blocked: BlockedLane = {
      reason,
      message,
      since: before?.since ?? new Date().toISOString(),
      probeAt: Date.now() + waitMs,
      probes,
      probingSince: null,
    };
    await this.#redis.set(this.#keys.blocked, JSON.stringify(blocked));
    await this.#queue.pause();
    return before === undefined;
  }

  /** Lets a single portrait through a blocked lane when its time has come. */
  async probeIfDue(nowMs: number): Promise<boolean> {
    const blocked = await this.blocked();
    if (blocked === undefined || blocked.probeAt > nowMs) return false;
    // A probe of which nothing is heard, because its sender died before the lane went on, is sent again.
    if (blocked.probingSince !== null && nowMs - blocked.probingSince < PROBE_AGAIN_MS) return false;
    await this.#queue.setGlobalConcurrency(1);
    await this.#redis.set(this.#keys.blocked, JSON.stringify({ ...blocked, probingSince: nowMs }));
    await this.#queue.resume();
    return true;
  }

  /** The account answered: the lane goes on. Returns false when it was not blocked. */
  async unblock(concurrency: number): Promise<boolean> {
    await this.#queue.setGlobalConcurrency(concurrency);
    await this.#queue.resume();
    return (await this.#redis.del(this.#keys.blocked)) === 1;
  }

  /**
   * Mends what a process that died between two steps of blocking or unblocking left: a lane that rests without a reason;
   * and a Redis that was emptied: a lane without its limit.
   */
  async heal(concurrency: number): Promise<boolean> {
    const [paused, blocked, limit] = await Promise.all([
      this.#queue.isPaused(),
      this.blocked(),
      this.#queue.getGlobalConcurrency(),
    ]);
    if (blocked !== undefined) return false;
    if (!paused) {
      if (limit !== concurrency) await this.#queue.setGlobalConcurrency(concurrency);
      return false;
    }
    await this.#queue.setGlobalConcurrency(concurrency);
    await this.#queue.resume();
    return true;
  }

  async close(): Promise<void> {
    await closeWithin(() => this.#queue.close());
    await closeRedis(this.#queueRedis);
  }
}

export function jobId(batchId: string, index: number, epoch: number): string {
  return `${batchId}-${index}-${epoch}`;
}
