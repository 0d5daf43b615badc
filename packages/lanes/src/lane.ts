import { Queue } from "bullmq";
import type { Blocked } from "@darkroom/core";
import { closeWithin, closeRedis, connectRedis, type ConnectOptions, type RedisConnection } from "@darkroom/redis-kit";
import { AccountKeys } from "./account-keys.ts";
import { BlockedState, type BlockedLane } from "./blocked-state.ts";
import { laneKeys } from "./lane-keys.ts";
import { LeftSessions } from "./left-sessions.ts";

export type { BlockedLane } from "./blocked-state.ts";

/** The job's data. Everything else is in the ledger and the snapshot. */
export interface PortraitJob {
  /** Batch id. */
  readonly b: string;
  /** Portrait index. */
  readonly i: number;
}

/** Connection settings with which each queue opens its own connection. */
export interface LaneConnection extends Pick<ConnectOptions, "access" | "whenRefused" | "onError"> {
  readonly redisUrl: string;
  readonly namespace: string;
}

export interface LaneOptions {
  /** Delay before a blocked lane's first probe. Defaults to 15 seconds. */
  readonly firstProbeMs?: number;
  /** Identifies this process's key among the keys of the lane. If absent, it is unknown which key a call used. */
  readonly keyMark?: string;
}

const FIRST_PROBE_MS = 15_000;
const BULK_PRIORITY = 1;
/** Number of epochs searched for a delayed job. An older job is not found, and a duplicate is harmless. */
const EPOCHS_LOOKED_AT = 8;

/**
 * Opens a connection for one BullMQ queue. BullMQ closes only its own copies, so the caller closes this one. BullMQ
 * requires commands without pipelining.
 */
export function openQueueConnection({ redisUrl, ...options }: LaneConnection, name: string): RedisConnection {
  return connectRedis({ ...options, url: redisUrl, name, autoPipelining: false });
}

/** The queue of one provider account. Contains only the prefetched portraits. */
export class Lane {
  readonly name: string;
  readonly leftSessions: LeftSessions;
  readonly accountKeys: AccountKeys;
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
    const { firstProbeMs = FIRST_PROBE_MS, keyMark = "" } = options;
    this.#blocked = new BlockedState(redis, this.#keys, firstProbeMs, keyMark);
    this.accountKeys = new AccountKeys(redis, this.#keys.accountKeys, keyMark);
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
   * Adds a job for each portrait. Ignores existing jobs. The job id contains the epoch, so that a job that is just
   * being removed (after a pause and resume) does not swallow its successor.
   *
   * @param first for interactive batches and portraits that must be ended: before all other work, in order of arrival
   */
  async add(batchId: string, epoch: number, indexes: readonly number[], first: boolean): Promise<void> {
    if (indexes.length === 0) return;
    await this.#queue.addBulk(
      indexes.map((index) => ({
        name: "portrait",
        data: { b: batchId, i: index },
        // BullMQ takes jobs without a priority first, in order of arrival.
        opts: { jobId: jobId(batchId, index, epoch), ...(first ? {} : { priority: BULK_PRIORITY }) },
      })),
    );
  }

  /** Returns the portraits without a job in the lane, in this epoch or earlier ones. */
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

  /** Counts waiting, running and delayed jobs. */
  async counts(): Promise<{ readonly waiting: number; readonly active: number; readonly delayed: number }> {
    const counts = await this.#queue.getJobCounts("waiting", "prioritized", "active", "delayed");
    return {
      waiting: (counts["waiting"] ?? 0) + (counts["prioritized"] ?? 0),
      active: counts["active"] ?? 0,
      delayed: counts["delayed"] ?? 0,
    };
  }

  /** Returns portraits of delayed jobs, in order of their time. */
  async delayed(limit: number): Promise<readonly PortraitJob[]> {
    return (await this.#queue.getDelayed(0, limit - 1)).map(({ data }) => data);
  }

  /** Makes delayed jobs of these portraits due now, in this epoch or earlier ones. */
  async promote(batchId: string, epoch: number, indexes: readonly number[]): Promise<void> {
    for (const index of indexes) {
      for (let of = epoch; of >= 0 && of > epoch - EPOCHS_LOOKED_AT; of -= 1) {
        const job = await this.#queue.getJob(jobId(batchId, index, of));
        // The job may have become due in the meantime.
        await job?.promote().catch(() => undefined);
      }
    }
  }

  /** Limits concurrency across all workers, as a coarse gate. */
  async setConcurrency(concurrency: number): Promise<void> {
    await this.#queue.setGlobalConcurrency(concurrency);
  }

  async blocked(): Promise<BlockedLane | undefined> {
    return await this.#blocked.read();
  }

  /**
   * Blocks the lane with a reason (P7). If the lane is already blocked, only its refused probe postpones the next
   * probe.
   *
   * @param call the refused call, if it passed the gate; ignored if the call began before the last unblock
   * @returns true when the lane was not blocked, or for a different reason
   */
  async block(
    reason: Blocked["reason"],
    message: string,
    call?: { readonly leaseId: string; readonly enteredAt: number },
  ): Promise<boolean> {
    if (reason === "auth") await this.accountKeys.noteRefused();
    const done = await this.#blocked.block(reason, message, call);
    if (done === "known" || done === "stale") return false;
    await this.#queue.pause();
    return done !== "refused again";
  }

  /**
   * Informs the lane of a new worker, because the operator who started the worker may have fixed the account. Opens a
   * lane that is blocked because of another key. If the account was refused or empty otherwise, the next probe is due
   * at once.
   *
   * @returns true when the lane was opened
   */
  async serve(concurrency: number): Promise<boolean> {
    if (!(await this.#blocked.serve())) return false;
    await this.#queue.setGlobalConcurrency(concurrency);
    await this.#queue.resume();
    return true;
  }

  /** Schedules another probe after an inconclusive one. */
  async deferProbe(leaseId: string): Promise<void> {
    if (await this.#blocked.defer(leaseId)) await this.#queue.pause();
  }

  /**
   * Returns when the account, after refusing a call, answered its first probe with this process's key (epoch ms, Redis'
   * clock). A portrait that was refused both before and after that may itself be at fault.
   */
  async provenAt(): Promise<number | undefined> {
    return await this.#blocked.provenAt();
  }

  /** True when the lane is blocked and a probe is due, but there is no portrait to send as the probe. */
  async lacksProbe(): Promise<boolean> {
    const [blocked, { waiting, active, delayed }] = await Promise.all([this.blocked(), this.counts()]);
    return blocked !== undefined && blocked.probingSince !== null && waiting + active + delayed === 0;
  }

  /** Lets one portrait into a blocked lane when a probe is due. The gate decides which one. */
  async probeIfDue(): Promise<boolean> {
    if (!(await this.#blocked.openProbe())) return false;
    await this.#letOneIn();
    return true;
  }

  /** Raises the queue's limit by one above the calls that began before the block. */
  async #letOneIn(): Promise<void> {
    await this.#queue.setGlobalConcurrency((await this.counts()).active + 1);
    await this.#queue.resume();
  }

  /**
   * Unblocks the lane after an answer.
   *
   * @param leaseId of the answered call; absent for an operator's request
   * @returns false when the lane was not blocked, or this call proves nothing
   */
  async unblock(concurrency: number, leaseId?: string): Promise<boolean> {
    if (!(await this.#blocked.unblock(leaseId))) return false;
    await this.#queue.setGlobalConcurrency(concurrency);
    await this.#queue.resume();
    return true;
  }

  /**
   * Synchronizes the queue with the lane's state and current limit. The two diverge when a process dies between two
   * steps, when two processes race, or when Redis was emptied.
   *
   * @param concurrency current limit of concurrent calls
   * @returns true when a queue that was paused without a reason was resumed
   */
  async resync(concurrency: number): Promise<boolean> {
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
