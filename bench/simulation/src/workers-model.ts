import { backoffMs, DEFAULT_BACKOFF } from "@darkroom/core";
import { MOST_UNWATCHED, UNHEARD_FOR_MS } from "@darkroom/ledger";
import { NUDGE_EVERY_MS, runsLow } from "@darkroom/worker/worker-events";
import type { BatchModel } from "./batch-model.ts";
import type { Job, LaneModel } from "./lane-model.ts";
import type { RedisKind, Scenario } from "./scenario.ts";
import type { SingleServer } from "./single-server.ts";
import { Upkeep } from "./upkeep.ts";
import type { VirtualClock } from "./virtual-clock.ts";

interface Worker {
  /** The time at which each of the worker's empty slots became free. */
  readonly empty: number[];
  running: number;
  /** Empty slots that the end of their last job, or a pending wake-up, may still fill. */
  finishing: number;
  /** True while the worker waits for the lane's marker. */
  waits: boolean;
  nudging: boolean;
  /** Batch → time until which its events are not published, because the last event had no subscriber. */
  readonly unwatched: Map<BatchModel, number>;
}

export interface WorkersParts {
  readonly clock: VirtualClock;
  readonly redis: SingleServer<RedisKind>;
  readonly lane: LaneModel;
  readonly scenario: Scenario;
  readonly laneConcurrency: number;
  readonly random: () => number;
  readonly onNudge: () => void;
}

/** All workers of a lane: the lifecycle of their portraits as Redis commands, and their other commands. */
export class WorkersModel {
  readonly emptyMs: number[] = [];
  readonly interactiveWaitMs: number[] = [];
  readonly #parts: WorkersParts;
  readonly #workers: Worker[] = [];
  readonly #waiting: Worker[] = [];
  /** Number of portraits in slots, in a call or not. */
  #active = 0;
  #inCalls = 0;
  #callMs = 0;
  #callsChangedAtMs = 0;
  settled = 0;

  constructor(parts: WorkersParts) {
    this.#parts = parts;
    for (let place = 0; place < parts.scenario.workers; place += 1) {
      this.#workers.push({ empty: [], running: 0, finishing: 0, waits: false, nudging: false, unwatched: new Map() });
    }
  }

  /** In the steady state, every slot starts with a running call; otherwise every slot starts empty. */
  start(batches: readonly BatchModel[]): void {
    const { clock, scenario, laneConcurrency, random } = this.#parts;
    let slots = 0;
    for (let slot = 0; slot < scenario.slotsPerWorker; slot += 1) {
      for (const worker of this.#workers) {
        if (slots === laneConcurrency) break;
        slots += 1;
        const batch = batches[slots % batches.length];
        if (scenario.whole === true || batch === undefined) {
          worker.empty.push(0);
          continue;
        }
        batch.pending -= 1;
        batch.running += 1;
        worker.running += 1;
        this.#active += 1;
        this.#countCalls(1);
        const job: Job = { batch, failures: 0 };
        const leftMs = scenario.waves === true ? scenario.providerMs * (1 - 0.02 * random()) : this.#callLeft();
        clock.at(leftMs, () => this.#answer(worker, job));
      }
    }
    for (const worker of this.#workers) {
      this.#wait(worker);
      const upkeep = new Upkeep(this.#parts, () => worker.running);
      upkeep.start();
    }
  }

  /** Called when jobs were added. Wakes one waiting worker. */
  wake(): void {
    const { clock, redis, lane, scenario } = this.#parts;
    if (lane.length === 0) return;
    const worker = this.#waiting.shift();
    if (worker === undefined) return;
    worker.waits = false;
    worker.finishing += 1;
    // The time until the marker reaches the worker, followed by the script's round trip and time.
    clock.at(clock.nowMs + scenario.latencyMs / 2, () => {
      let job: Job | undefined;
      redis.ask(
        "portraits",
        scenario.costs.us.wake.base,
        () => {
          job = lane.take(clock.nowMs);
          if (job !== undefined) this.wake();
        },
        () => {
          worker.finishing -= 1;
          if (job !== undefined) this.#begin(worker, job);
          this.#wait(worker);
        },
      );
    });
  }

  /** Returns the mean number of running provider calls since the last call. */
  takeMeanCalls(sinceMs: number): number {
    this.#countCalls(0);
    const mean = this.#callMs / (this.#parts.clock.nowMs - sinceMs);
    this.#callMs = 0;
    return mean;
  }

  #wait(worker: Worker): void {
    if (worker.waits || worker.empty.length <= worker.finishing) return;
    worker.waits = true;
    this.#waiting.push(worker);
    if (this.#parts.lane.length > 0) this.wake();
  }

  #begin(worker: Worker, job: Job): void {
    const { clock, redis, scenario } = this.#parts;
    const { us } = scenario.costs;
    const { batch } = job;
    const leftAtMs = worker.empty.shift();
    if (leftAtMs !== undefined) this.emptyMs.push(clock.nowMs - leftAtMs);
    worker.running += 1;
    this.#active += 1;
    if (batch.cameAtMs !== undefined) this.interactiveWaitMs.push(clock.nowMs - batch.cameAtMs);
    redis.ask(
      "portraits",
      us.claim.base,
      () => {
        if (job.failures > 0) batch.retrying -= 1;
        else if (batch.queued > 0) batch.queued -= 1;
        else batch.pending -= 1;
        batch.running += 1;
      },
      () => {
        this.#tell(worker, batch);
        clock.at(clock.nowMs + scenario.besideMs / 2, () => this.#call(worker, job));
      },
    );
  }

  #call(worker: Worker, job: Job): void {
    const { clock, redis, scenario } = this.#parts;
    const { us } = scenario.costs;
    redis.ask("portraits", us.gateEnter.base, undefined, () => {
      redis.ask("portraits", us.writeReceipt.base, undefined, () => {
        this.#tell(worker, job.batch);
        this.#countCalls(1);
        clock.at(clock.nowMs + this.#callLasts(), () => this.#answer(worker, job));
      });
    });
  }

  #answer(worker: Worker, job: Job): void {
    const { clock, redis, scenario, random } = this.#parts;
    const { us } = scenario.costs;
    this.#countCalls(-1);
    const failed = scenario.failureShare !== undefined && random() < scenario.failureShare;
    redis.ask("portraits", us.writeReceipt.base, undefined, () => {
      redis.ask("portraits", us.gateLeave.base, undefined, () => {
        clock.at(clock.nowMs + scenario.besideMs / 2, () => this.#conclude(worker, job, failed));
      });
    });
  }

  /** Settles the portrait, or leaves it with a backoff. The queue then ends the job and returns the next one. */
  #conclude(worker: Worker, job: Job, failed: boolean): void {
    const { clock, redis, lane, scenario, laneConcurrency, random } = this.#parts;
    const { us } = scenario.costs;
    const { batch } = job;
    let low = false;
    redis.ask(
      "portraits",
      us.settle.base,
      () => {
        batch.running -= 1;
        if (failed) batch.retrying += 1;
        else {
          batch.settled += 1;
          this.settled += 1;
          low = runsLow(batch.queued, laneConcurrency);
        }
      },
      () => {
        this.#tell(worker, batch);
        if (low) this.#nudge(worker);
        worker.running -= 1;
        this.#active -= 1;
        worker.empty.push(clock.nowMs);
        worker.finishing += 1;
        let next: Job | undefined;
        redis.ask(
          "portraits",
          us.finishAndNext.base + us.finishAndNext.each * this.#active,
          () => {
            next = lane.take(clock.nowMs);
            if (!failed) return;
            const again: Job = { batch, failures: job.failures + 1 };
            clock.at(clock.nowMs + backoffMs(DEFAULT_BACKOFF, again.failures, random()), () => {
              lane.push(clock.nowMs, again, false);
              this.wake();
            });
          },
          () => {
            worker.finishing -= 1;
            if (next !== undefined) this.#begin(worker, next);
            else this.#wait(worker);
          },
        );
      },
    );
  }

  /** `Bus.event`. */
  #tell({ unwatched }: Worker, batch: BatchModel): void {
    const { clock, redis, scenario } = this.#parts;
    const { publish } = scenario.costs.us;
    const { watchers = 0, sendsUnwatched = false } = scenario;
    const until = clock.nowMs + UNHEARD_FOR_MS;
    if ((unwatched.get(batch) ?? 0) > clock.nowMs) return;
    redis.ask("portraits", publish.base + publish.each * watchers, undefined, () => {
      if (watchers > 0 || sendsUnwatched) return;
      if (unwatched.size >= MOST_UNWATCHED) unwatched.clear();
      unwatched.set(batch, until);
    });
  }

  #nudge(worker: Worker): void {
    const { clock, redis, scenario } = this.#parts;
    if (worker.nudging) return;
    worker.nudging = true;
    clock.at(clock.nowMs + NUDGE_EVERY_MS, () => {
      worker.nudging = false;
      const { publish } = scenario.costs.us;
      const hearers = scenario.nudgeHearers === "everybody" ? this.#workers.length + 1 : 1;
      redis.ask("nudges", publish.base + publish.each * hearers, undefined, this.#parts.onNudge);
    });
  }

  #callLasts(): number {
    const { scenario, random } = this.#parts;
    return scenario.fixedProviderMs === true ? scenario.providerMs : scenario.providerMs * (0.5 + random());
  }

  /** Returns the remaining time of a call that is already running. Long calls are more likely to be running. */
  #callLeft(): number {
    const { scenario, random } = this.#parts;
    for (;;) {
      const lastsMs = this.#callLasts();
      if (random() < lastsMs / (1.5 * scenario.providerMs)) return lastsMs * random();
    }
  }

  #countCalls(change: number): void {
    const { clock } = this.#parts;
    this.#callMs += this.#inCalls * (clock.nowMs - this.#callsChangedAtMs);
    this.#callsChangedAtMs = clock.nowMs;
    this.#inCalls += change;
  }
}
