import type { Receipt } from "@darkroom/core";
import type { Claimed } from "../run/worker-context.ts";

/** Why a run was aborted: its batch was cancelled. */
export class BatchCancelled extends Error {
  constructor() {
    super("the batch was cancelled");
  }
}

/** Why a run was aborted: this process ends, and another goes on. */
export class WorkerStops extends Error {
  constructor() {
    super("the worker stops");
  }
}

interface Live {
  readonly batchId: string;
  readonly controller: AbortController;
  held?: Held;
}

/** What a run holds: which portrait, and its receipt as it is at present. */
interface Held {
  readonly claimed: Claimed;
  readonly receipt: { readonly current: Receipt };
}

/** The claims that this process works on now, by token. */
export class LivePortraits {
  readonly #live = new Map<string, Live>();

  /** Begins a run, which is aborted with {@link BatchCancelled} when its batch is cancelled. */
  begin(token: string, batchId: string, controller: AbortController): void {
    this.#live.set(token, { batchId, controller });
  }

  /** The run has its claim. */
  hold(token: string, held: Held): void {
    const live = this.#live.get(token);
    if (live !== undefined) live.held = held;
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

  /** The claims of which each run's receipt says that a provider was called. */
  get called(): readonly { readonly claimed: Claimed; readonly receipt: Receipt }[] {
    return [...this.#live.values()].flatMap(({ held }) =>
      held?.receipt.current.firstIntentAt === undefined
        ? []
        : [{ claimed: held.claimed, receipt: held.receipt.current }],
    );
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
