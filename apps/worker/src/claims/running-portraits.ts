import { BatchCancelled } from "./abort-reasons.ts";
import type { HeldClaim } from "./reclaim.ts";

interface Live {
  readonly batchId: string;
  readonly controller: AbortController;
  run?: HeldClaim;
}

/** The claims that this process is working on, by token. */
export class RunningPortraits {
  readonly #live = new Map<string, Live>();

  /** Registers a run. Cancelling its batch aborts it with {@link BatchCancelled}. */
  begin(token: string, batchId: string, controller: AbortController): void {
    this.#live.set(token, { batchId, controller });
  }

  /** Attaches the run once it holds its claim. */
  hold(run: HeldClaim): void {
    const live = this.#live.get(run.claim.token);
    if (live !== undefined) live.run = run;
  }

  end(token: string): void {
    this.#live.delete(token);
  }

  has(token: string): boolean {
    return this.#live.has(token);
  }

  get tokens(): readonly string[] {
    return [...this.#live.keys()];
  }

  /** Runs whose receipt records a provider call. */
  get called(): readonly HeldClaim[] {
    return [...this.#live.values()].flatMap(({ run }) => (run?.receipt.firstIntentAt === undefined ? [] : [run]));
  }

  get batches(): ReadonlySet<string> {
    return new Set([...this.#live.values()].map(({ batchId }) => batchId));
  }

  cancelBatch(batchId: string): void {
    for (const live of this.#live.values()) {
      if (live.batchId === batchId && !live.controller.signal.aborted) live.controller.abort(new BatchCancelled());
    }
  }
}
