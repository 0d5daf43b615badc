import { protocolMs } from "@darkroom/core";
import { DelayedError, WaitingError, Worker, type Job } from "bullmq";
import { closeWithin, closeRedis, type RedisConnection } from "@darkroom/redis-kit";
import { openQueueConnection, type LaneConnection, type PortraitJob } from "./lane.ts";
import { laneKeys } from "./lane-keys.ts";
import { createServerTimeBackend } from "./server-time-backend.ts";

/** The result of a job's run, for the queue. One function maps each kind to BullMQ. */
export type RunResult =
  /** The job is removed. The portrait's state is in the ledger. */
  | { readonly kind: "finished" }
  /** The job returns after `delayMs`. */
  | { readonly kind: "later"; readonly delayMs: number }
  /** The job returns to the head of the queue at once, for another worker. */
  | { readonly kind: "handed-back" };

/**
 * Runs one portrait. Must throw only for unexpected errors. The controller belongs to this run. {@link
 * LaneWorker.abort} or other code may abort it.
 */
export type RunPortrait = (job: PortraitJob, controller: AbortController) => Promise<RunResult>;

export interface LaneWorkerOptions {
  readonly lane: string;
  /** Concurrent portraits in this process. */
  readonly concurrency: number;
  /** Lock time of a dead worker's jobs. A running job renews its lock at half of this. */
  readonly lockMs: number;
  readonly run: RunPortrait;
  readonly onError: (error: Error) => void;
}

/** Number of checks for stalled jobs within one lock period. */
export const STALLED_CHECKS_PER_LOCK = 3;
/** Delay after an unexpected error, or while the same job is still running in this process. */
const STEP_BACK_MS = protocolMs(2_000);

/**
 * Takes jobs from a lane and adapts BullMQ to ten-minute jobs. A job that is redelivered while its first run lives in
 * this process is delayed. A lost lock ends no run, because the ledger's claim decides. A second stall never fails a
 * job. Closing has a deadline.
 */
export class LaneWorker {
  readonly #worker: Worker<PortraitJob>;
  readonly #redis: RedisConnection;
  readonly #live = new Map<string, AbortController>();
  readonly #options: LaneWorkerOptions;
  #quiet = false;

  constructor(connection: LaneConnection, options: LaneWorkerOptions) {
    this.#options = options;
    this.#redis = openQueueConnection(connection, `darkroom-worker-${options.lane}`);
    this.#worker = new Worker<PortraitJob>(
      "portraits",
      // BullMQ passes its signal only to a processor with three parameters. Darkroom aborts runs through `#live`
      // instead.
      (job: Job<PortraitJob>, token?: string, _signal?: AbortSignal) => this.#process(job, token ?? ""),
      {
        connection: this.#redis,
        prefix: laneKeys(connection.namespace, options.lane).prefix,
        autorun: false,
        concurrency: options.concurrency,
        lockDuration: options.lockMs,
        stalledInterval: Math.max(500, Math.floor(options.lockMs / STALLED_CHECKS_PER_LOCK)),
        maxStalledCount: 1_000_000,
        drainDelay: 2,
        removeOnComplete: { count: 0 },
        removeOnFail: { count: 0 },
      },
      createServerTimeBackend,
    );
    this.#worker.on("error", options.onError);
    this.#worker.on("lockRenewalFailed", (ids: string[]) => {
      options.onError(new Error(`lost the queue's lock on ${ids.length} running portraits; their claims remain valid`));
    });
  }

  start(): void {
    this.#worker.run().catch(this.#options.onError);
  }

  /** Portraits running in this process. */
  get running(): number {
    return this.#live.size;
  }

  async #process(job: Job<PortraitJob>, token: string): Promise<void> {
    const id = job.id ?? "";
    // A fetch that was pending when the worker went quiet may still return a job, which is not started.
    if (this.#quiet) {
      await job.moveToWait(token);
      throw new WaitingError();
    }
    if (this.#live.has(id)) {
      await job.moveToDelayed(Date.now() + STEP_BACK_MS, token);
      throw new DelayedError();
    }
    const controller = new AbortController();
    this.#live.set(id, controller);
    let result: RunResult;
    try {
      result = await this.#options.run(job.data, controller);
    } catch (error) {
      this.#options.onError(error instanceof Error ? error : new Error(String(error)));
      result = { kind: "later", delayMs: STEP_BACK_MS };
    } finally {
      this.#live.delete(id);
    }
    switch (result.kind) {
      case "finished":
        return;
      case "later":
        await job.moveToDelayed(Date.now() + result.delayMs, token);
        throw new DelayedError();
      case "handed-back":
        await job.moveToWait(token);
        throw new WaitingError();
    }
    return result satisfies never;
  }

  /** Stops taking jobs. Running jobs continue. */
  async quiet(): Promise<void> {
    this.#quiet = true;
    await this.#worker.pause(true);
  }

  /** Waits until no job runs, or the grace period is over. */
  async drain(graceMs: number): Promise<boolean> {
    const until = performance.now() + graceMs;
    while (this.#live.size > 0 && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(50, graceMs)));
    }
    return this.#live.size === 0;
  }

  /** Aborts every run. Each run hands its portrait back. */
  abort(reason: Error): void {
    for (const controller of this.#live.values()) controller.abort(reason);
  }

  async close(): Promise<void> {
    await closeWithin(() => this.#worker.close());
    await closeRedis(this.#redis);
  }
}
