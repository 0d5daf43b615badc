import { LOOK_PORTRAITS } from "@darkroom/ledger";
import type { DispatchBatch } from "@darkroom/producer/feeder";

/** A batch as counts, in place of the data that the ledger's scripts store. */
export class BatchModel {
  readonly id: string;
  readonly total: number;
  /** Order of arrival of an interactive batch; undefined for bulk. */
  readonly cameAtMs: number | undefined;
  pending: number;
  queued = 0;
  running = 0;
  retrying = 0;
  settled: number;
  cursor = 0;
  drained: number;
  readonly #every: number;

  /** @param every one of this many portraits is pending; the others have ended */
  constructor(id: string, total: number, { cameAtMs, every = 1 }: { cameAtMs?: number; every?: number } = {}) {
    this.id = id;
    this.total = total;
    this.pending = Math.floor(total / every);
    this.settled = total - this.pending;
    this.drained = this.settled;
    this.cameAtMs = cameAtMs;
    this.#every = every;
  }

  /** Returns pending portraits from the cursor on, at most `limit`, and no further than one peek reads. */
  peek(limit: number): { readonly cursor: number; readonly count: number } {
    const before = Math.floor(this.cursor / this.#every);
    const cursor = Math.min((before + limit) * this.#every, this.cursor + LOOK_PORTRAITS, this.total);
    return { cursor, count: Math.min(this.pending, Math.floor(cursor / this.#every) - before) };
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
      stuck: 0,
      cameAt: this.cameAtMs ?? 0,
      window: undefined,
      blocked: false,
    };
  }
}
