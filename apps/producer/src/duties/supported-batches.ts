import type { Lack } from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import type { ProducerContext } from "../context.ts";

/** Missing requirements that also prevent dispatch. Dispatch does not access the stores. */
const KEEPS_FROM_DISPATCH: readonly Lack["kind"][] = ["format", "asked"];

/** Selects the batches that this producer supports. For each other batch, logs once which requirement it lacks. */
export class SupportedBatches {
  readonly #context: Pick<ProducerContext, "means" | "log">;
  readonly #said = new Map<string, string>();

  constructor(context: Pick<ProducerContext, "means" | "log">) {
    this.#context = context;
  }

  /**
   * Splits the active batches into those to reconcile and those to dispatch. One producer feeds a lane for all batches,
   * including batches whose files only another producer can access.
   */
  sort(batches: readonly BatchRecord[]): {
    readonly mine: readonly BatchRecord[];
    readonly dispatched: readonly BatchRecord[];
  } {
    const { means } = this.#context;
    const looked = batches.map((batch) => ({ batch, lacks: means.lacking(batch.spec) }));
    for (const { batch, lacks } of looked) {
      this.#say(batch.spec.id, lacks);
      if (lacks.length > 0) void means.prove(batch.spec);
    }
    const known = new Set(batches.map(({ spec }) => spec.id));
    for (const id of this.#said.keys()) if (!known.has(id)) this.#said.delete(id);
    return {
      mine: looked.filter(({ lacks }) => lacks.length === 0).map(({ batch }) => batch),
      dispatched: looked
        .filter(({ lacks }) => !lacks.some(({ kind }) => KEEPS_FROM_DISPATCH.includes(kind)))
        .map(({ batch }) => batch),
    };
  }

  #say(batchId: string, lacks: readonly Lack[]): void {
    const what = lacks.map((lack) => lack.what).join(", and ");
    if (what === (this.#said.get(batchId) ?? "")) return;
    this.#said.set(batchId, what);
    // A producer restricted to certain batches does not log about the others.
    if (what === "" || lacks.some(({ kind }) => kind === "asked")) return;
    this.#context.log.warn({ batch: batchId }, `skipping the batch: it needs ${what}`);
  }
}
