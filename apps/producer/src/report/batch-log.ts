import { settledCount, type BatchState, type PortraitCounts } from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import type { Logger } from "@darkroom/runtime";

/** Interval between progress lines of a running batch whose counts changed. */
const PROGRESS_MS = 60_000;

/** The fields of a batch that its log needs. */
export type LoggedBatch = Pick<
  BatchRecord,
  "spec" | "state" | "reason" | "pausedBy" | "counts" | "failures" | "round" | "costUsd" | "ingested" | "lane"
>;

/**
 * Logs one batch at level info: each new state with its reason, the end of its ingest, and its progress at most once a
 * minute. After a takeover, the new producer logs the current state once.
 */
export class BatchLog {
  readonly #log: Pick<Logger, "info">;
  #state: BatchState | undefined;
  #reason: string | undefined;
  #ingested = false;
  #progress = "";
  #progressAtMs = 0;

  constructor(log: Pick<Logger, "info">) {
    this.#log = log;
  }

  /** @param nowMs monotonic */
  note(record: LoggedBatch, nowMs: number): void {
    const { spec, state, reason, pausedBy, counts, lane, round, ingested } = record;
    const batch = spec.id;
    if (state !== this.#state || reason !== this.#reason) {
      const why = reason === undefined ? {} : { reason };
      const by = pausedBy === undefined ? {} : { pausedBy };
      this.#log.info({ batch, state, lane, round, ...by, ...why }, `batch ${state}`);
      this.#state = state;
      this.#reason = reason;
      this.#progressAtMs = nowMs;
    }
    if (ingested && !this.#ingested) {
      this.#ingested = true;
      const { total } = counts;
      this.#log.info({ batch, portraits: total, failed: counts.failed }, `batch ingested: ${total} portraits`);
    }
    this.#noteProgress(record, nowMs);
  }

  #noteProgress({ spec, counts, failures, costUsd }: LoggedBatch, nowMs: number): void {
    const progress = textOf(counts);
    if (nowMs - this.#progressAtMs < PROGRESS_MS || progress === this.#progress) return;
    this.#progress = progress;
    this.#progressAtMs = nowMs;
    this.#log.info({ batch: spec.id, counts, failures, costUsd }, `batch progress: ${progress}`);
  }
}

function textOf(counts: PortraitCounts): string {
  return `${settledCount(counts)} of ${counts.total} done`;
}
