import { protocolMs } from "@darkroom/core";
import { DelayedError, WaitingError, Worker, type Job } from "bullmq";
import { closeWithin, closeRedis, type RedisConnection } from "@darkroom/redis-kit";
import { openQueueConnection, type LaneConnection, type PortraitJob } from "./lane.ts";
import { laneKeys } from "./lane-keys.ts";
import { createServerTimeBackend } from "./server-time-backend.ts";

/** How one run of a job ended, for the queue. Closed; one function maps it to BullMQ. */
export type RunResult =
  /** The job leaves the queue: the ledger remembers the rest. */
  | { readonly kind: "finished" }
  /** The job comes again after `delayMs`. */
  | { readonly kind: "later"; readonly delayMs: number }
  /** The job goes back to the head of the row at once: another worker takes it. */
  | { readonly kind: "handed-back" };

/**
 * Runs one portrait. Must not throw for anything that it can name. The controller is the run's own: whoever has a reason
 * aborts it, {@link LaneWorker.abort} among them. One for each run, since there may be ten thousand.
 */
export type RunPortrait = (job: PortraitJob, controller: AbortController) => Promise<RunResult>;

export interface LaneWorkerOptions {
  readonly lane: string;
  /** Portraits at once in this process. */
  readonly concurrency: number;
  /** How long a dead worker's jobs stay with it. Renewed at half of it while the job runs. */
  readonly lockMs: number;
  readonly run: RunPortrait;
  readonly onError: (error: Error) => void;
}

/** Stalled jobs are looked for this often within one lock. */
export const STALLED_CHECKS_PER_LOCK = 3;
/** After an unexpected error, or when the same job is still running here. */
const STEP_BACK_MS = protocolMs(2_000);

/**
 * Takes jobs from a lane. Guards against what BullMQ does to ten-minute jobs: a job that comes again while its first
 * run lives in this process steps back; a lost lock ends no run (the ledger's claim decides whose result counts); a
 * second stall never fails a job; closing has a deadline.
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
      // BullMQ passes the signal only to a processor that declares all three; cancelling is ours, by `#live`.
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
      options.onError(new Error(`lost the queue's lock on ${ids.length} running portraits; their claims go on`));
    });
  }

  start(): void {
    this.#worker.run().catch(this.#options.onError);
  }

  /** Portraits that run here now. */
  get running(): number {
    return this.#live.size;
  }

  async #process(job: Job<PortraitJob>, token: string): Promise<void> {
    const id = job.id ?? "";
    // A fetch that was under way when the worker went quiet may still bring a job; it is not begun.
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

  /** Takes no more jobs; those that run go on. */
  async quiet(): Promise<void> {
    this.#quiet = true;
    await this.#worker.pause(true);
  }

  /** Waits until nothing runs, or the time is over. */
  async drain(graceMs: number): Promise<boolean> {
    const until = performance.now() + graceMs;
    while (this.#live.size > 0 && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(50, graceMs)));
    }
    return this.#live.size === 0;
  }

  /** Ends every run; each hands its portrait back. */
  abort(reason: Error): void {
    for (const controller of this.#live.values()) controller.abort(reason);
  }

  async close(): Promise<void> {
    await closeWithin(() => this.#worker.close());
    await closeRedis(this.#redis);
  }
}
