import type { FeedEvent } from "@darkroom/core";
import { noteCondition } from "../scripts/batch-scripts.ts";
import type { RunScript } from "../scripts/run-script.ts";

/** What keeps a batch from moving, as its feed reports it. */
export type Condition = "blocked" | "unattended";

/** Data of the event that reports a condition. */
type ConditionData<What extends Condition> = Extract<FeedEvent, { readonly type: `batch.${What}` }>["data"];

/** Reports in the feed what keeps batches from moving, each change once. */
export class Conditions {
  readonly #run: RunScript;

  constructor(run: RunScript) {
    this.#run = run;
  }

  /** @param cause identifies the cause: the same one is not reported again */
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
