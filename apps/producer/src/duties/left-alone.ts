import type { Lack } from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import type { ProducerContext } from "../context.ts";

/** What keeps a producer from so much as dispatching a batch; of the stores dispatch needs none. */
const KEEPS_FROM_DISPATCH: readonly Lack["kind"][] = ["format", "asked"];

/** Tells which batches this producer may work on, and says of each other one, once, what it lacks for it. */
export class LeftAlone {
  readonly #context: Pick<ProducerContext, "means" | "log">;
  readonly #said = new Map<string, string>();

  constructor(context: Pick<ProducerContext, "means" | "log">) {
    this.#context = context;
  }

  /**
   * The batches of a round that are to be looked after, and those that may be dispatched: a lane is fed by one producer, for
   * batches too whose files another one reads and writes.
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
    // Whoever was asked for certain batches says nothing of all the others.
    if (what === "" || lacks.some(({ kind }) => kind === "asked")) return;
    this.#context.log.warn({ batch: batchId }, `the batch is left alone: it needs ${what}`);
  }
}
