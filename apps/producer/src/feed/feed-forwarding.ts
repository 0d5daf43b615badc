import { messageOf } from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import type { ProducerContext } from "../context.ts";

/** The fields of a batch's record that forwarding needs. */
type KnownBatch = Pick<BatchRecord, "spec" | "lastEvent">;

type ForwardingContext = Pick<ProducerContext, "ledger" | "log" | "signal"> & {
  readonly continuity: Pick<ProducerContext["continuity"], "since">;
};

/** After Redis may have lost writes, the feeds of this many of the newest batches are forwarded again. */
const CHECKED_BATCHES = 500;

/**
 * Forwards new events of the active batches to the deployment's feed. Every producer does this without a lease, because
 * the ledger accepts each event only once. The batches' records, which each tick reads, show which feeds have new
 * events, so a feed without events costs nothing.
 */
export class FeedForwarding {
  readonly #context: ForwardingContext;
  /** Batch → its last event that was forwarded. */
  readonly #forwarded = new Map<string, string>();
  readonly #running = new Map<string, Promise<void>>();
  /** The value of `continuity.since()` for which `#forwarded` is valid. */
  #since: number | undefined;

  constructor(context: ForwardingContext) {
    this.#context = context;
  }

  /** Starts to forward the new events of batches. A failure is retried at the next tick. */
  async tick(batches: readonly KnownBatch[]): Promise<void> {
    const { continuity, ledger } = this.#context;
    const since = await continuity.since();
    const mayBeBehind = since !== this.#since;
    if (mayBeBehind) this.#forwarded.clear();
    for (const { spec, lastEvent } of batches) {
      if (lastEvent !== undefined && this.#forwarded.get(spec.id) !== lastEvent) this.#start(spec.id, lastEvent);
    }
    if (!mayBeBehind) return;
    // Redis may have lost the last forwarded events, even of batches that have ended since.
    for (const id of await ledger.listBatches(CHECKED_BATCHES)) this.#start(id);
    this.#since = since;
  }

  #start(batchId: string, lastEvent?: string): void {
    if (!this.#running.has(batchId)) this.#running.set(batchId, this.#forward(batchId, lastEvent));
  }

  async #forward(batchId: string, lastEvent: string | undefined): Promise<void> {
    try {
      await this.#context.ledger.feed.forward(batchId);
      if (lastEvent !== undefined) this.#forwarded.set(batchId, lastEvent);
    } catch (error) {
      const { log, signal } = this.#context;
      if (!signal.aborted) log.error({ batch: batchId, err: error }, `forwarding events failed: ${messageOf(error)}`);
    } finally {
      this.#running.delete(batchId);
    }
  }

  /** Forgets a batch that is no longer active. The ledger has already forwarded the batch's last events. */
  forget(batchId: string): void {
    this.#forwarded.delete(batchId);
  }

  /** Waits for the forwarding that is in progress. */
  async settle(): Promise<void> {
    await Promise.all(this.#running.values());
  }
}
