import { protocolMs } from "@darkroom/core";
import { DelayedError, WaitingError, Worker, type Job } from "bullmq";
import pLimit from "p-limit";
import { closeWithin, closeRedis, type RedisConnection } from "@darkroom/redis-kit";
import { openQueueConnection, type Lane, type LaneConnection } from "./lane.ts";
import { portraitsOf, type JobData, type PortraitJob } from "./portrait-jobs.ts";
import { laneKeys } from "./lane-keys.ts";
import { createServerTimeBackend } from "./server-time-backend.ts";

/** The outcome of a run of a portrait, for the queue. */
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
  readonly lane: Pick<Lane, "name" | "addAlone" | "withoutOwnJob">;
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
/** Portraits of shared jobs take less than a second, unless the lane has just become slower. */
const PATIENCE_MS = protocolMs(5_000);

/**
 * Takes jobs from a lane and adapts BullMQ to ten-minute jobs. A job that is redelivered while its first run lives in
 * this process is delayed. A lost lock ends no run, because the ledger's claim decides. A second stall never fails a
 * job. Closing has a deadline.
 */
export class LaneWorker {
  readonly #worker: Worker<JobData>;
  readonly #redis: RedisConnection;
  readonly #options: LaneWorkerOptions;
  readonly #slots: ReturnType<typeof pLimit>;
  /** The jobs that run in this process. */
  readonly #jobs = new Set<string>();
  /** Aborts the running portraits. */
  readonly #live = new Set<AbortController>();
  #quiet = false;

  constructor(connection: LaneConnection, options: LaneWorkerOptions) {
    this.#options = options;
    this.#slots = pLimit(options.concurrency);
    this.#redis = openQueueConnection(connection, `darkroom-worker-${options.lane.name}`);
    this.#worker = new Worker<JobData>(
      "portraits",
      // BullMQ passes its signal only to a processor with three parameters. Darkroom aborts runs through `#live`
      // instead.
      (job: Job<JobData>, token?: string, _signal?: AbortSignal) => this.#process(job, token ?? ""),
      {
        connection: this.#redis,
        prefix: laneKeys(connection.namespace, options.lane.name).prefix,
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

  async #process(job: Job<JobData>, token: string): Promise<void> {
    const id = job.id ?? "";
    // A fetch that was pending when the worker went quiet may still return a job, which is not started.
    if (this.#quiet) {
      await job.moveToWait(token);
      throw new WaitingError();
    }
    const portraits = portraitsOf(job.data);
    if (this.#jobs.has(id)) return await this.#stepBack(job, token, portraits);
    const [first, ...others] = portraits;
    if (first === undefined) return;
    this.#jobs.add(id);
    const run = others.length === 0 ? this.#run(first) : this.#runSeveral(job, portraits);
    const result = await run.catch((error: unknown) => this.#laterAfter(error));
    this.#jobs.delete(id);
    await returnJob(job, token, result);
  }

  /** Runs the portraits of a shared job. Each ends separately, and a portrait that must wait gets a separate job. */
  async #runSeveral(job: Job<JobData>, portraits: readonly PortraitJob[]): Promise<RunResult> {
    // If the job's previous worker died, some of the portraits may have separate jobs and are not due.
    const due = job.attemptsStarted === 1 ? portraits : await this.#withoutOwnJob(job.data, portraits);
    await Promise.all(
      due.map(async (portrait) => {
        const result = await this.#run(portrait);
        if (result.kind !== "finished") await this.#addAlone(job, portrait, result);
      }),
    );
    return { kind: "finished" };
  }

  async #withoutOwnJob({ b, e = 0 }: JobData, portraits: readonly PortraitJob[]): Promise<readonly PortraitJob[]> {
    const indexes = portraits.map(({ i }) => i);
    return (await this.#options.lane.withoutOwnJob(b, e, indexes)).map((i) => ({ b, i }));
  }

  /** If this fails, the producer's sweep finds the portrait without a job. */
  async #addAlone({ data, opts }: Job<JobData>, portrait: PortraitJob, result: WaitingResult): Promise<void> {
    const isFirst = result.kind === "handed-back" || opts.priority === undefined || opts.priority === 0;
    const delayMs = result.kind === "later" ? result.delayMs : 0;
    try {
      await this.#options.lane.addAlone(portrait, data.e ?? 0, { first: isFirst, delayMs });
    } catch (error) {
      this.#laterAfter(error);
    }
  }

  /**
   * Reports an unexpected error.
   *
   * @returns the result of the run that threw it
   */
  #laterAfter(error: unknown): WaitingResult {
    this.#options.onError(error instanceof Error ? error : new Error(String(error)));
    return { kind: "later", delayMs: STEP_BACK_MS };
  }

  /** Delays a job that still runs in this process, because its lock was lost. */
  async #stepBack(job: Job<JobData>, token: string, portraits: readonly PortraitJob[]): Promise<void> {
    const result = { kind: "later", delayMs: STEP_BACK_MS } as const;
    if (portraits.length === 1) return await returnJob(job, token, result);
    await Promise.all(portraits.map((portrait) => this.#addAlone(job, portrait, result)));
  }

  /**
   * Runs one portrait in a slot. BullMQ limits jobs, but a job may have several portraits, so a portrait may wait for a
   * slot. After {@link PATIENCE_MS} without a slot, the portrait is returned for another worker.
   */
  async #run(portrait: PortraitJob): Promise<RunResult> {
    if (this.#slots.activeCount + this.#slots.pendingCount < this.#options.concurrency) {
      return await this.#slots(() => this.#runNow(portrait));
    }
    return await new Promise((resolve) => {
      let isLate = false;
      const late = setTimeout(() => {
        isLate = true;
        resolve({ kind: "handed-back" });
      }, PATIENCE_MS);
      void this.#slots(async () => {
        clearTimeout(late);
        if (!isLate) resolve(await this.#runNow(portrait));
      });
    });
  }

  async #runNow(portrait: PortraitJob): Promise<RunResult> {
    if (this.#quiet) return { kind: "handed-back" };
    const controller = new AbortController();
    this.#live.add(controller);
    try {
      return await this.#options.run(portrait, controller);
    } catch (error) {
      return this.#laterAfter(error);
    } finally {
      this.#live.delete(controller);
    }
  }

  /** Stops taking jobs. Running jobs continue. */
  async quiet(): Promise<void> {
    this.#quiet = true;
    await this.#worker.pause(true);
  }

  /** Waits until no job runs, or the grace period is over. */
  async drain(graceMs: number): Promise<boolean> {
    const until = performance.now() + graceMs;
    while (this.#jobs.size > 0 && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(50, graceMs)));
    }
    return this.#jobs.size === 0;
  }

  /** Aborts every run. Each run hands its portrait back. */
  abort(reason: Error): void {
    for (const controller of this.#live) controller.abort(reason);
  }

  async close(): Promise<void> {
    await closeWithin(() => this.#worker.close());
    await closeRedis(this.#redis);
  }
}

type WaitingResult = Exclude<RunResult, { readonly kind: "finished" }>;

/** Reports the result of a job's only portrait to BullMQ. */
async function returnJob(job: Job<JobData>, token: string, result: RunResult): Promise<void> {
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
