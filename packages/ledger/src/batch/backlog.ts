import { cancelledLine, type OutcomeCode } from "@darkroom/core";
import { serverNow } from "@darkroom/redis-kit";
import type { PendingWindow } from "../ledger-answers.ts";
import * as scripts from "../scripts/portrait-scripts.ts";
import type { RunScript } from "../scripts/run-script.ts";

/** The backlog of a batch: portraits leave it for a lane, return to it, or end in it when their batch is stopped. */
export class Backlog {
  readonly #run: RunScript;

  constructor(run: RunScript) {
    this.#run = run;
  }

  /**
   * The next pending portraits, for dispatch; undefined when there is none or the batch may not be dispatched.
   *
   * @param lane that is fed: nothing is found once the batch has been diverted from it
   */
  async peekPending(batchId: string, limit: number, lane = ""): Promise<PendingWindow | undefined> {
    const reply = (await this.#run(scripts.peekPending, batchId, { limit, lane })) as (number | string)[];
    if (reply.length === 0) return undefined;
    const [epoch, from, cursor, ...indexes] = reply.map(Number);
    return { epoch: epoch ?? 0, from: from ?? 0, cursor: cursor ?? 0, indexes };
  }

  /** Marks as queued what was peeked, after its jobs were added. */
  async markQueued(batchId: string, window: PendingWindow): Promise<number> {
    const { epoch, from, cursor, indexes } = window;
    return (await this.#run(scripts.markQueued, batchId, { epoch, from, to: cursor }, rowsOf(indexes))) as number;
  }

  /**
   * Puts a portrait that is queued or retrying back among the pending ones, for a worker that can do it.
   *
   * @returns false when it does not wait; one that a worker holds is left to it
   */
  async park(batchId: string, index: number): Promise<boolean> {
    return (await this.#run(scripts.park, batchId, { i: index })) === 1;
  }

  /**
   * Puts portraits whose job is lost back into the row, with their receipts; those that `isUnanswered` says yes to
   * are retrying, for whoever gives them a job. In a stopped batch they end; those that were
   * with the provider are queued, to be ended by `StoppedPortraits` or to go on.
   *
   * @param lost index → the claim's token as it was seen, or '' where there was none
   * @param holders whether the workers of these claims are dead: then each claim counts a death of its portrait
   */
  async requeueLost(
    batchId: string,
    lost: ReadonlyMap<number, string>,
    code: OutcomeCode = "cancelled",
    holders: "alive" | "dead" = "alive",
  ): Promise<number> {
    if (lost.size === 0) return 0;
    const now = serverNow();
    const rows = [...lost].map(([i, seenToken]) => {
      return { i, seenToken, line: JSON.stringify(cancelledLine(i, now, code)) };
    });
    const args = { holdersAreDead: holders === "dead" ? 1 : 0 };
    return (await this.#run(scripts.requeueLost, batchId, args, rows)) as number;
  }

  /** Ends the waiting portraits of a stopped batch that no provider has seen. @param code as the batch was stopped */
  async cancelWaiting(batchId: string, indexes: readonly number[], code: OutcomeCode): Promise<number> {
    if (indexes.length === 0) return 0;
    const lines = indexes.map((i) => ({ i, line: JSON.stringify(cancelledLine(i, serverNow(), code)) }));
    return (await this.#run(scripts.cancelWaiting, batchId, {}, lines)) as number;
  }

  /** Drops claims of portraits that do not run, and receipts of portraits that have ended. */
  async dropStrays(batchId: string, indexes: readonly number[]): Promise<number> {
    if (indexes.length === 0) return 0;
    return (await this.#run(scripts.dropStrays, batchId, {}, rowsOf(indexes))) as number;
  }
}

function rowsOf(indexes: readonly number[]): { readonly i: number }[] {
  return indexes.map((i) => ({ i }));
}
