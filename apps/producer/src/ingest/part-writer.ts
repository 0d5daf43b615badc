import {
  isDarkroomError,
  isRejected,
  KindCount,
  rejectedLine,
  SNAPSHOT_PART_ROWS,
  type ObjectStore,
  type OutcomeLine,
  type SnapshotRow,
} from "@darkroom/core";
import type { BatchRecord, SourceEnd } from "@darkroom/ledger";
import { RowLines, writeSnapshotPart } from "@darkroom/manifest";
import { serverNow } from "@darkroom/redis-kit";
import type { ProducerContext } from "../context.ts";

/** Collects the rows of one ingest, and writes and counts each part when it is full. */
export class PartWriter {
  readonly #context: ProducerContext;
  readonly #record: BatchRecord;
  readonly #destination: ObjectStore;
  readonly #fence: number;
  readonly #stillOurs: () => Promise<boolean>;
  readonly #lines = new RowLines();
  #rejected: OutcomeLine[] = [];
  #kinds = new KindCount();
  #parts: number;
  #total: number;

  /** @param fence from the ledger's `beginIngest` */
  constructor(context: ProducerContext, record: BatchRecord, fence: number, stillOurs: () => Promise<boolean>) {
    this.#context = context;
    this.#record = record;
    this.#destination = context.openStore(record.spec.destination.url);
    this.#fence = fence;
    this.#stillOurs = stillOurs;
    this.#parts = record.parts;
    this.#total = record.counts.total;
  }

  /** True while no ingest of the batch has accepted a row. */
  get isEmpty(): boolean {
    return this.rows === 0;
  }

  /** Adds a row at the next index. Returns false when this producer no longer owns the batch. */
  async add(row: SnapshotRow): Promise<boolean> {
    const index = this.rows;
    const placed = row.index === index ? row : { ...row, index };
    this.#lines.add(placed);
    if (isRejected(placed)) this.#rejected.push(rejectedLine(placed, serverNow()));
    else this.#kinds.add(placed);
    return this.#lines.rows < SNAPSHOT_PART_ROWS || (await this.#flush());
  }

  /** Number of rows, including those of earlier ingests. */
  get rows(): number {
    return this.#total + this.#lines.rows;
  }

  /** Completes the ingest after the source was read to its end. */
  async end(end: Omit<SourceEnd, "fault">): Promise<void> {
    await this.#flush(end);
    await this.#nudge();
  }

  /** Ends the ingest when the source can no longer be read. Buffered rows are written if possible. */
  async endEarly(fault: string): Promise<void> {
    try {
      await this.#flush({ fault });
    } catch (error) {
      if (!isDarkroomError(error) || error.retryable) throw error;
      this.#clear();
      await this.#flush({ fault });
    }
    await this.#nudge();
  }

  async #flush(end?: SourceEnd): Promise<boolean> {
    const { spec } = this.#record;
    const { rows } = this.#lines;
    const part = this.#parts;
    if (!(await this.#stillOurs())) return false;
    // An empty part after a full one marks the end of the source for readers that have only the object store.
    const closes = part > 0 && end !== undefined && end.fault === undefined;
    if (rows > 0 || closes) await writeSnapshotPart(this.#destination, spec.id, part, this.#lines, this.#fence);
    const counted = { fence: this.#fence, part, rows, rejected: this.#rejected, kinds: this.#kinds.counts, end };
    if (!(await this.#context.ledger.countPart(spec.id, counted))) return false;
    this.#context.metrics.ingestRows.inc(rows);
    this.#parts += 1;
    this.#total += rows;
    this.#clear();
    if (part === 0) await this.#nudge();
    return true;
  }

  #clear(): void {
    this.#lines.clear();
    this.#rejected = [];
    this.#kinds = new KindCount();
  }

  async #nudge(): Promise<void> {
    await this.#context.bus.nudge(this.#record.lane);
  }
}
