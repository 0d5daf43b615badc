import type { DispatchBatch } from "@darkroom/producer/feeder";

/** A batch as its counts: what the ledger's scripts would keep. */
export class BatchModel {
  readonly id: string;
  readonly total: number;
  /** Which of the interactive batches it is, by the time it came; undefined for bulk. */
  readonly cameAtMs: number | undefined;
  pending: number;
  queued = 0;
  running = 0;
  retrying = 0;
  settled = 0;
  cursor = 0;
  drained = 0;

  constructor(id: string, total: number, cameAtMs?: number) {
    this.id = id;
    this.total = total;
    this.pending = total;
    this.cameAtMs = cameAtMs;
  }

  get isThrough(): boolean {
    return this.settled === this.total;
  }

  forDispatch(): DispatchBatch {
    return {
      id: this.id,
      state: "running",
      total: this.total,
      ingested: true,
      held: false,
      pending: this.pending,
      queued: this.queued,
      running: this.running,
      retrying: this.retrying,
      affordable: Infinity,
      window: undefined,
    };
  }
}
