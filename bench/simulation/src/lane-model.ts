import type { BatchModel } from "./batch-model.ts";

export interface Job {
  readonly batch: BatchModel;
  /** Provider failures so far. */
  readonly failures: number;
}

/** Waiting jobs of a lane: interactive jobs in order, followed by bulk jobs in order. */
export class LaneModel {
  readonly #first: Job[] = [];
  #waiting: Job[] = [];
  #head = 0;
  #queuedMs = 0;
  #changedAtMs = 0;

  get length(): number {
    return this.#first.length + this.#waiting.length - this.#head;
  }

  push(nowMs: number, job: Job, first: boolean): void {
    this.#count(nowMs);
    (first ? this.#first : this.#waiting).push(job);
  }

  take(nowMs: number): Job | undefined {
    this.#count(nowMs);
    const first = this.#first.shift();
    if (first !== undefined) return first;
    const job = this.#waiting[this.#head];
    if (job === undefined) return undefined;
    this.#head += 1;
    if (this.#head > 10_000) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return job;
  }

  /** Returns the mean length since the last call. */
  takeMeanLength(nowMs: number, sinceMs: number): number {
    this.#count(nowMs);
    const mean = this.#queuedMs / (nowMs - sinceMs);
    this.#queuedMs = 0;
    return mean;
  }

  #count(nowMs: number): void {
    this.#queuedMs += this.length * (nowMs - this.#changedAtMs);
    this.#changedAtMs = nowMs;
  }
}
