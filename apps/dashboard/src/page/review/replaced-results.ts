import { indexesIn } from "@darkroom/core/index-ranges";
import { signal } from "@preact/signals";
import type { BatchStatus, ReviewedEvent } from "../api/types.ts";
import { isEnded } from "../text/batch-words.ts";

/**
 * Tracks the results that may have been replaced while the page shows them. A redo may be over before the page has seen
 * the portrait in another state, and the URL of its picture stays the same.
 */
export class ReplacedResults {
  /** Portrait → true once the page has seen the batch run after the order. */
  readonly #awaited = new Map<number, boolean>();
  readonly #versions = new Map<number, number>();
  readonly #changed = signal(0);

  /** Returns a number that changes when the portrait's picture must be loaded again. */
  versionOf(index: number): number {
    void this.#changed.value;
    return this.#versions.get(index) ?? 0;
  }

  /** Handles a decision by any user. It may arrive after the status that reports the end of its redo. */
  take({ order, undecided }: Pick<ReviewedEvent, "order" | "undecided">): void {
    if (order !== "redo") return;
    for (const index of indexesIn(undecided ?? "")) {
      this.#awaited.set(index, false);
      this.#renew(index);
    }
    this.#changed.value++;
  }

  /** Takes each new status. Until a redo is over, every change may be its result. */
  follow(status: Pick<BatchStatus, "state">): void {
    if (this.#awaited.size === 0) return;
    for (const [index, hasRun] of this.#awaited) {
      this.#renew(index);
      if (!isEnded(status)) this.#awaited.set(index, true);
      else if (hasRun) this.#awaited.delete(index);
    }
    this.#changed.value++;
  }

  #renew(index: number): void {
    this.#versions.set(index, (this.#versions.get(index) ?? 0) + 1);
  }
}
