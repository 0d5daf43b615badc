import { cancelledLine, type OutcomeCode } from "@darkroom/core";
import { serverNow } from "@darkroom/redis-kit";
import type { PendingWindow } from "../ledger-answers.ts";
import * as scripts from "../scripts/portrait-scripts.ts";
import type { RunScript } from "../scripts/run-script.ts";

/**
 * A batch's pending portraits. Portraits leave the backlog for a lane, return to the backlog, or end in it if their
 * batch is stopped.
 */
export class Backlog {
  readonly #run: RunScript;

  constructor(run: RunScript) {
    this.#run = run;
  }

  /**
   * Returns the next pending portraits for dispatch; undefined if there are none, or the batch must not be dispatched.
   *
   * @param lane the dispatching lane; nothing is found once the batch has failed over to another lane
   */
  async peekPending(batchId: string, limit: number, lane = ""): Promise<PendingWindow | undefined> {
    const reply = (await this.#run(scripts.peekPending, batchId, { limit, lane })) as (number | string)[];
    if (reply.length === 0) return undefined;
    const [epoch, from, cursor, ...indexes] = reply.map(Number);
    return { epoch: epoch ?? 0, from: from ?? 0, cursor: cursor ?? 0, indexes };
  }

  /** Marks peeked portraits as queued, after their jobs were added. */
  async markQueued(batchId: string, window: PendingWindow): Promise<number> {
    const { epoch, from, cursor, indexes } = window;
    return (await this.#run(scripts.markQueued, batchId, { epoch, from, to: cursor }, rowsOf(indexes))) as number;
  }

  /**
   * Returns a queued or retrying portrait to the backlog, for a worker that supports its batch.
   *
   * @returns false if the portrait is not waiting; a claimed portrait stays with its worker
   */
  async park(batchId: string, index: number): Promise<boolean> {
    return (await this.#run(scripts.park, batchId, { i: index })) === 1;
  }

  /**
   * Returns portraits without a job to the backlog, with their receipts. Portraits for which `isUnanswered` is true
   * become retrying instead. In a stopped batch, portraits end. If such a portrait has a call, it becomes queued
   * instead: `StoppedPortraits` ends it, or it continues.
   *
   * @param lost index → the claim's token that was seen, or '' if there was none
   * @param holders whether the workers of these claims are dead; if so, each claim counts a death of its portrait
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

  /**
   * Ends the waiting portraits of a stopped batch that have no provider call.
   *
   * @param code the stopped batch's code
   */
  async cancelWaiting(batchId: string, indexes: readonly number[], code: OutcomeCode): Promise<number> {
    if (indexes.length === 0) return 0;
    const lines = indexes.map((i) => ({ i, line: JSON.stringify(cancelledLine(i, serverNow(), code)) }));
    return (await this.#run(scripts.cancelWaiting, batchId, {}, lines)) as number;
  }

  /** Deletes claims of portraits that are not running, and receipts of portraits that have ended. */
  async dropStrays(batchId: string, indexes: readonly number[]): Promise<number> {
    if (indexes.length === 0) return 0;
    return (await this.#run(scripts.dropStrays, batchId, {}, rowsOf(indexes))) as number;
  }
}

function rowsOf(indexes: readonly number[]): { readonly i: number }[] {
  return indexes.map((i) => ({ i }));
}
