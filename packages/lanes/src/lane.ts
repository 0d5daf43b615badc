import { Queue } from "bullmq";
import type { Blocked } from "@darkroom/core";
import { closeWithin, closeRedis, connectRedis, type ConnectOptions, type RedisConnection } from "@darkroom/redis-kit";
import { BlockedState, type BlockedLane } from "./blocked-state.ts";
import { laneKeys } from "./lane-keys.ts";
import { LeftSessions } from "./left-sessions.ts";

export type { BlockedLane } from "./blocked-state.ts";

/** All that a job says; everything else is in the ledger and the snapshot. */
export interface PortraitJob {
  /** Batch id. */
  readonly b: string;
  /** Portrait index. */
  readonly i: number;
}

/** What a queue opens its own connection with. */
export interface LaneConnection extends Pick<ConnectOptions, "access" | "whenRefused" | "onError"> {
  readonly redisUrl: string;
  readonly namespace: string;
}

export interface LaneOptions {
  /** The wait before a blocked lane's first probe. Defaults to 15 seconds. */
  readonly firstProbeMs?: number;
  /** Tells this process's key from others of the lane. Without one it is not known which key was answered. */
  readonly keyMark?: string;
}

const FIRST_PROBE_MS = 15_000;
const BULK_PRIORITY = 1;
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
  readonly leftSessions: LeftSessions;
  readonly #queue: Queue<PortraitJob, void, string, PortraitJob, void, string>;
  readonly #redis: RedisConnection;
  readonly #queueRedis: RedisConnection;
  readonly #keys: ReturnType<typeof laneKeys>;
  readonly #blocked: BlockedState;

  /** @param redis a shared connection for the lane's own keys */
  constructor(connection: LaneConnection, redis: RedisConnection, name: string, options: LaneOptions = {}) {
    this.name = name;
    this.#redis = redis;
    this.#keys = laneKeys(connection.namespace, name);
    this.#blocked = new BlockedState(redis, this.#keys, options.firstProbeMs ?? FIRST_PROBE_MS, options.keyMark ?? "");
    this.leftSessions = new LeftSessions(redis, this.#keys);
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
   * @param first for interactive batches, and for what has to be ended: taken before all other work, and among themselves
   *   in the order in which they came
   */
  async add(batchId: string, epoch: number, indexes: readonly number[], first: boolean): Promise<void> {
    if (indexes.length === 0) return;
    await this.#queue.addBulk(
      indexes.map((index) => ({
        name: "portrait",
        data: { b: batchId, i: index },
        // BullMQ takes jobs without a priority first, in turn.
        opts: { jobId: jobId(batchId, index, epoch), ...(first ? {} : { priority: BULK_PRIORITY }) },
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

  /** Portraits whose jobs wait for their time, the next ones first. */
  async delayed(limit: number): Promise<readonly PortraitJob[]> {
    return (await this.#queue.getDelayed(0, limit - 1)).map(({ data }) => data);
  }

  /** Lets the jobs of these portraits come at once, of this epoch or the ones before. */
  async promote(batchId: string, epoch: number, indexes: readonly number[]): Promise<void> {
    for (const index of indexes) {
      for (let of = epoch; of >= 0 && of > epoch - EPOCHS_LOOKED_AT; of -= 1) {
        const job = await this.#queue.getJob(jobId(batchId, index, of));
        // It may have come by itself meanwhile.
        await job?.promote().catch(() => undefined);
      }
    }
  }

  /** The coarse gate over all workers. */
  async setConcurrency(concurrency: number): Promise<void> {
    await this.#queue.setGlobalConcurrency(concurrency);
  }

  async blocked(): Promise<BlockedLane | undefined> {
    return await this.#blocked.read();
  }

  /**
   * Stops the lane and says why (P7). When it is blocked already, only its refused probe pushes the next one back.
   *
   * @param call the refused call, where it went through the gate: one that began before the lane was unblocked last
   *   does not block it anew
   * @returns true when it was not blocked before, or not for this reason
   */
  async block(
    reason: Blocked["reason"],
    message: string,
    call?: { readonly leaseId: string; readonly enteredAt: number },
  ): Promise<boolean> {
    const done = await this.#blocked.block(reason, message, call);
    if (done === "known" || done === "stale") return false;
    await this.#queue.pause();
    return done !== "refused again";
  }

  /** The probe of a blocked lane told nothing about the reason: there will be another. */
  async deferProbe(leaseId: string): Promise<void> {
    if (await this.#blocked.defer(leaseId)) await this.#queue.pause();
  }

  /**
   * When the account, blocked for a refusal, answered the first probe, and did so for the key of this process (epoch ms,
   * Redis' clock): a portrait that it refused before and refuses again after may be the one that something is wrong with.
   */
  async provenAt(): Promise<number | undefined> {
    return await this.#blocked.provenAt();
  }

  /** Whether it is blocked, a probe may go, and there is no portrait that could be it: so it stays until one comes. */
  async lacksProbe(): Promise<boolean> {
    const [blocked, { waiting, active, delayed }] = await Promise.all([this.blocked(), this.counts()]);
    return blocked !== undefined && blocked.probingSince !== null && waiting + active + delayed === 0;
  }

  /** Lets a single portrait through a blocked lane when its time has come; which one, the gate decides. */
  async probeIfDue(): Promise<boolean> {
    if (!(await this.#blocked.openProbe())) return false;
    await this.#letOneIn();
    return true;
  }

  /** One portrait beside those whose calls began before the lane was blocked. */
  async #letOneIn(): Promise<void> {
    await this.#queue.setGlobalConcurrency((await this.counts()).active + 1);
    await this.#queue.resume();
  }

  /**
   * The account answered: the lane goes on.
   *
   * @param leaseId of the call that was answered; absent when a person says so
   * @returns false when it was not blocked, or this call proves nothing
   */
  async unblock(concurrency: number, leaseId?: string): Promise<boolean> {
    if (!(await this.#blocked.unblock(leaseId))) return false;
    await this.#queue.setGlobalConcurrency(concurrency);
    await this.#queue.resume();
    return true;
  }

  /**
   * Keeps the queue in step with the lane's state, from which a process that died between two steps, or two that took
   * theirs at once, may have parted it; and with the limit, which moves, and which a Redis that was emptied has lost.
   *
   * @param concurrency calls at once at present
   * @returns true when a lane that rested without a reason goes on
   */
  async heal(concurrency: number): Promise<boolean> {
    const [paused, blocked, limit] = await Promise.all([
      this.#queue.isPaused(),
      this.blocked(),
      this.#queue.getGlobalConcurrency(),
    ]);
    if (blocked !== undefined) {
      if (blocked.probingSince !== null && (paused || limit !== 1)) await this.#letOneIn();
      else if (blocked.probingSince === null && !paused) await this.#queue.pause();
      return false;
    }
    if (limit !== concurrency) await this.#queue.setGlobalConcurrency(concurrency);
    if (!paused) return false;
    await this.#queue.resume();
    return true;
  }

  async close(): Promise<void> {
    await closeWithin(() => this.#queue.close());
    await closeRedis(this.#queueRedis);
  }
}

function jobId(batchId: string, index: number, epoch: number): string {
  return `${batchId}-${index}-${epoch}`;
}
