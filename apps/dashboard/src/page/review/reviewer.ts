import { indexesIn } from "@darkroom/core/index-ranges";
import type { ReviewOrder, ReviewState } from "@darkroom/core/review";
import { computed, signal, type ReadonlySignal } from "@preact/signals";
import { ApiError, call } from "../api/client.ts";
import type { Reviewed, ReviewedEvent } from "../api/types.ts";
import type { StatesReader } from "../sheet/load-states.ts";
import type { DecidedPortraits, StatesMap } from "../sheet/states-map.ts";

/** Portraits in one request. The server records them as one line of its log. */
const MOST_AT_ONCE = 500;

const TO: Readonly<Record<Exclude<ReviewOrder, "undo" | "redo">, ReviewState>> = {
  approve: "approved",
  reject: "rejected",
};

/** An order that the server has not answered yet. */
interface Pending {
  readonly changes: readonly DecidedPortraits[];
}

/**
 * The decisions of this page's user. Shows them at once and sends them in order. If another user has decided in the
 * meantime, the server rejects the order, and the page shows that user's decision.
 */
export class Reviewer {
  readonly #batchId: string;
  readonly #reader: StatesReader;
  readonly #pending = signal<readonly Pending[]>([]);
  /** The newest line that the page shows. */
  #seen: number;
  /** Portrait → the line of the user's own latest decision. */
  readonly #own = new Map<number, number>();
  /** Decisions that `undo` can withdraw, latest last. */
  readonly #undoable: (readonly number[])[] = [];
  #sending: Promise<void> = Promise.resolve();
  /** Why the last decision was not recorded. */
  readonly problem = signal<string | undefined>(undefined);
  /** The states with the decisions that are still being sent. */
  readonly states: ReadonlySignal<StatesMap>;

  constructor(batchId: string, reader: StatesReader, revision: number) {
    this.#batchId = batchId;
    this.#reader = reader;
    this.#seen = revision;
    this.states = computed(() => reader.states.value.decided(this.#pending.value.flatMap(({ changes }) => changes)));
  }

  /** Handles a decision by any user. */
  take(event: ReviewedEvent): void {
    this.#seen = Math.max(this.#seen, event.revision);
    const states = ["undecided", "approved", "rejected"] as const;
    this.#reader.decided(
      states.flatMap((state) => {
        const ranges = event[state];
        return ranges === undefined ? [] : [{ state, indexes: indexesIn(ranges) }];
      }),
    );
  }

  /** Decides about the given portraits that have a result. */
  decide(order: "approve" | "reject", indexes: readonly number[], note?: string): void {
    const states = this.states.peek();
    const some = indexes.filter((index) => states.reviewAt(index) !== undefined);
    if (some.length === 0) {
      this.problem.value = "There is no result to decide about.";
      return;
    }
    this.#undoable.push(some);
    this.#send(order, some, {
      ...(note === undefined ? {} : { note }),
      changes: [{ state: TO[order], indexes: some }],
    });
  }

  /**
   * Withdraws the user's latest decision.
   *
   * @returns its first portrait; undefined if there is none to withdraw
   */
  undo(): number | undefined {
    const some = this.#undoable.pop();
    if (some === undefined) this.problem.value = "There is nothing to undo.";
    else this.#send("undo", some, { changes: [] });
    return some?.[0];
  }

  #send(
    order: ReviewOrder,
    indexes: readonly number[],
    { note, changes }: { readonly note?: string; readonly changes: Pending["changes"] },
  ): void {
    this.problem.value = undefined;
    const pending: Pending = { changes };
    const seen = this.#seen;
    this.#pending.value = [...this.#pending.peek(), pending];
    this.#sending = this.#sending.then(async () => {
      try {
        for (let at = 0; at < indexes.length; at += MOST_AT_ONCE) {
          const some = indexes.slice(at, at + MOST_AT_ONCE);
          // The user has seen the decisions that the page showed at that time, and has made the page's own ones.
          const revision = some.reduce((most, index) => Math.max(most, this.#own.get(index) ?? 0), seen);
          const { line } = await this.#post({
            order,
            indexes: some,
            revision,
            ...(note === undefined ? {} : { note }),
          });
          if (line !== null) for (const index of some) this.#own.set(index, line);
        }
        this.#reader.decided(changes);
      } catch (error) {
        this.problem.value = error instanceof ApiError ? error.message : String(error);
        const last = this.#undoable.at(-1);
        if (last === indexes) this.#undoable.pop();
      }
      this.#pending.value = this.#pending.peek().filter((each) => each !== pending);
    });
  }

  async #post(body: object): Promise<Reviewed> {
    const path = `/v1/batches/${encodeURIComponent(this.#batchId)}/reviews`;
    return (await (await call("POST", path, { body })).json()) as Reviewed;
  }
}
