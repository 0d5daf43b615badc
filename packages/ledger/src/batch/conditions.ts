import type { FeedEvent } from "@darkroom/core";
import { noteCondition } from "../scripts/batch-scripts.ts";
import type { RunScript } from "../scripts/run-script.ts";

/** A condition that keeps a batch from making progress, as reported in the feed. */
export type Condition = "blocked" | "unattended";

/** Data of the event that reports a condition. */
type ConditionData<What extends Condition> = Extract<FeedEvent, { readonly type: `batch.${What}` }>["data"];

/** Reports in the feed the conditions that keep batches from making progress. Reports each change once. */
export class Conditions {
  readonly #run: RunScript;

  constructor(run: RunScript) {
    this.#run = run;
  }

  /** @param cause identifies the cause. A cause that was already reported is not reported again */
  async note<What extends Condition>(
    batchId: string,
    what: What,
    { cause, data }: { readonly cause: string; readonly data: ConditionData<What> },
  ): Promise<boolean> {
    return (await this.#run(noteCondition, batchId, { what, cause, data: JSON.stringify(data) })) === 1;
  }

  async clear(batchId: string, what: Condition): Promise<boolean> {
    return (await this.#run(noteCondition, batchId, { what, cause: "", data: "{}" })) === 1;
  }
}
