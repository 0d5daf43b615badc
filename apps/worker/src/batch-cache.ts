import type { BatchSpec } from "@darkroom/core";
import type { Ledger } from "@darkroom/ledger";

const KEPT = 256;

/** The specs of the batches that were worked on last; a spec never changes. */
export class BatchCache {
  readonly #ledger: Ledger;
  readonly #specs = new Map<string, BatchSpec>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  async spec(batchId: string): Promise<BatchSpec | undefined> {
    const kept = this.#specs.get(batchId);
    if (kept !== undefined) return kept;
    const record = await this.#ledger.read(batchId);
    if (record === undefined) return undefined;
    this.#specs.set(batchId, record.spec);
    const oldest = this.#specs.keys().next().value;
    if (this.#specs.size > KEPT && oldest !== undefined) this.#specs.delete(oldest);
    return record.spec;
  }
}
