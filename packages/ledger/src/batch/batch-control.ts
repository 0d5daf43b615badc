import { randomUUID } from "node:crypto";
import {
  type BatchState,
  DarkroomError,
  MICRO,
  type OutcomeCode,
  type OutcomeLine,
  type Pauser,
  type Round,
} from "@darkroom/core";
import { serverNow } from "@darkroom/redis-kit";
import type { BatchRecord } from "./batch-record.ts";
import { reviewArgument, type NewReviewLine, type ReviewChange } from "../review/reviews.ts";
import * as scripts from "../scripts/batch-scripts.ts";
import type { LedgerScript, OrderArgument, ScriptArguments } from "../scripts/ledger-script.ts";
import { pauseAtBudget } from "../scripts/money-scripts.ts";
import * as rounds from "../scripts/round-scripts.ts";
import type { RunScript } from "../scripts/run-script.ts";

export type RoundAnswer =
  | { readonly kind: "begun"; readonly number: number }
  /** Another round is still reopening its portraits. */
  | { readonly kind: "busy" }
  /** The batch has the maximum number of rounds. */
  | { readonly kind: "full" }
  /** Other users have decided about the results that the round would replace. */
  | { readonly kind: "changed" }
  | { readonly kind: "refused"; readonly state: BatchState }
  | NotCarriedOut;

/** An order to a whole batch, with an id that distinguishes it from other orders. */
export interface Order {
  /**
   * Identical when the order is sent again. Defaults to a random id, which only detects a command that reaches Redis
   * twice.
   */
  readonly id?: string;
  /** Digest of the order's content. An id that arrives with different content is refused. */
  readonly says?: string;
  /**
   * The batch when the order was decided. An order never undoes a later change. Defaults to the batch's state when the
   * order arrives.
   */
  readonly madeFor?: Pick<BatchRecord, "revision"> & Partial<Pick<BatchRecord, "round">>;
}

/**
 * The order changed nothing: the batch has changed since the decision, or the order's id was used for another order.
 */
export interface NotCarriedOut {
  readonly kind: "stale" | "other";
  readonly state: BatchState;
}

export type OrderAnswer =
  /**
   * `done`: the batch is in the requested state, or was when the order first arrived. `refused`: its state does not
   * allow the order.
   */
  { readonly kind: "done" | "refused"; readonly state: BatchState } | NotCarriedOut;

export type ResumeAnswer = OrderAnswer & {
  /** The budget keeps the batch paused. */
  readonly budgetFull: boolean;
  /** The amounts spent and possibly spent. Set if the new budget was refused because it does not exceed their sum. */
  readonly spent?: { readonly usd: number; readonly maybeUsd: number };
};

/** How a batch is stopped. */
interface Stop {
  readonly reason: string;
  /** Outcome code of portraits that never started. */
  readonly code: OutcomeCode;
  /** False if running portraits may finish. */
  readonly endsRunning: boolean;
}

/**
 * Changes to a whole batch by a user, the failure breaker, the budget or a deadline. Each is one write for any number
 * of portraits, and may be repeated.
 */
export class BatchControl {
  readonly #run: RunScript;
  /** Lists an ended batch as active again, before anything is written to the batch. */
  readonly #revive: (batchId: string) => Promise<void>;

  constructor(run: RunScript, revive: (batchId: string) => Promise<void>) {
    this.#run = run;
    this.#revive = revive;
  }

  async pause(
    batchId: string,
    reason: string,
    { by = "person", order }: { readonly by?: Pauser; readonly order?: Order | undefined } = {},
  ): Promise<OrderAnswer> {
    return orderAnswer(await this.#carryOut(scripts.pauseBatch, batchId, order, { reason, by }));
  }

  /**
   * Resumes a paused batch.
   *
   * @param maxCostMicroUsd the new budget
   * @param options.checksSpent refuses a budget that is not above the amount spent. False to restore a budget that
   *   Redis had forgotten
   * @returns whether the budget keeps the batch paused, and the amount spent if the new budget is not above it, in
   *   which case nothing has changed
   */
  async resume(
    batchId: string,
    maxCostMicroUsd?: number,
    order?: Order,
    { checksSpent = false }: { readonly checksSpent?: boolean } = {},
  ): Promise<ResumeAnswer> {
    const args = { maxCostMicro: maxCostMicroUsd ?? "", checksSpent: checksSpent ? 1 : 0 };
    const reply = await this.#carryOut(scripts.resumeBatch, batchId, order, args);
    const [, , , budgetFull, spent, maybe] = reply;
    const answered = { ...orderAnswer(reply), budgetFull: budgetFull === 1 };
    if (typeof spent !== "number" || typeof maybe !== "number") return answered;
    return { ...answered, spent: { usd: spent / MICRO, maybeUsd: maybe / MICRO } };
  }

  /**
   * Fails a running batch over to its fallback, permanently.
   *
   * @param waiting queued and retrying portraits; those without a provider call are dispatched again
   * @param madeFor the revision of the decision; if the batch has changed since, nothing happens
   * @returns whether the failover is new, and the number of portraits requeued; undefined when the batch must not fail
   *   over
   */
  async divert(
    batchId: string,
    lane: string,
    waiting: readonly number[],
    madeFor?: number,
  ): Promise<{ readonly isNew: boolean; readonly moved: number } | undefined> {
    const args = { fallback: lane, now: serverNow(), madeFor: madeFor ?? "" };
    const reply = (await this.#run(
      scripts.divertBatch,
      batchId,
      args,
      waiting.map((i) => ({ i })),
    )) as [number, number];
    return reply[0] < 0 ? undefined : { isNew: reply[0] === 1, moved: reply[1] };
  }

  async confirm(batchId: string, order?: Order): Promise<OrderAnswer> {
    return orderAnswer(await this.#carryOut<never>(scripts.confirmBatch, batchId, order, {}));
  }

  async approve(batchId: string, order?: Order): Promise<OrderAnswer> {
    return orderAnswer(await this.#carryOut<never>(scripts.approvePilot, batchId, order, {}));
  }

  /** Cancels a batch: ends its running portraits, and never starts the waiting ones. */
  async cancel(batchId: string, reason: string, order?: Order): Promise<OrderAnswer> {
    return await this.stop(batchId, { reason, code: "cancelled", endsRunning: true }, order);
  }

  /** Stops a batch: starts no more portraits. */
  async stop(batchId: string, { reason, code, endsRunning }: Stop, order?: Order): Promise<OrderAnswer> {
    const args = { reason, stopCode: code, endsRunning: endsRunning ? 1 : 0 };
    return orderAnswer(await this.#carryOut(scripts.stopBatch, batchId, order, args));
  }

  /** Returns the earlier answer to an order with this id; undefined for a new order. */
  async answered(
    batchId: string,
    { id = "", says = "" }: Order,
  ): Promise<"carried out" | "refused" | "other" | undefined> {
    const [kind, first, done] = (await this.#run(scripts.readAnswer, batchId, { id, says })) as OrderReply;
    if (kind === undefined) return undefined;
    if (kind === "other") return "other";
    return first === "begun" || done === 1 ? "carried out" : "refused";
  }

  async #carryOut<Name extends string, Column extends string = never>(
    script: LedgerScript<OrderArgument | Name, Column>,
    batchId: string,
    { id = randomUUID(), says = "", madeFor }: Order = {},
    args: ScriptArguments<Name>,
    rows: readonly ScriptArguments<Column>[] = [],
  ): Promise<OrderReply> {
    const head: ScriptArguments<OrderArgument> = {
      orderId: id,
      orderSays: says,
      orderRevision: madeFor?.revision ?? "",
      orderRound: madeFor?.round ?? "",
    };
    const all: ScriptArguments<string> = { ...args, ...head };
    const reply = (await this.#run(script, batchId, all, rows)) as OrderReply;
    if (reply[0] === "unknown") throw new DarkroomError("not_found", `There is no batch ${batchId}.`);
    return reply;
  }

  /** Pauses a batch whose budget is full, if no portrait in flight could release money; see the script. */
  async pauseAtBudget(batchId: string): Promise<boolean> {
    return (await this.#run(pauseAtBudget, batchId, {})) === 1;
  }

  async choosePilot(batchId: string, indexes: readonly number[], former: readonly number[] = []): Promise<void> {
    await this.#run(scripts.choosePilot, batchId, { picks: indexes.join(","), former: former.join(",") });
  }

  /**
   * Makes the batch wait for approval once its pilot has ended. Portraits that were delivered before, or are kept, do
   * not count while others are left.
   */
  async endPilot(batchId: string): Promise<PilotEnd> {
    const [state, lacking, counting] = (await this.#run(scripts.endPilot, batchId, {})) as [unknown, number, string];
    return { state: known(batchId, state), lacking, counting: counting.split(",").filter(Boolean).map(Number) };
  }

  /**
   * Starts another round of a batch, even of an ended one. A producer then reopens its portraits.
   *
   * @param options.more further rounds that are reopened together with this one; no two of them reopen the same
   *   portrait
   * @param options.again number of the batch's last round, if Redis had forgotten that round and this one repeats it
   */
  async beginRound(
    batchId: string,
    round: Omit<Round, "number">,
    options: {
      readonly more?: readonly Omit<Round, "number">[];
      readonly again?: number | undefined;
      /** The line of the review log that ordered the round. */
      readonly review?: { readonly line: NewReviewLine; readonly changes: readonly ReviewChange[] } | undefined;
      readonly order?: Order;
    } = {},
  ): Promise<RoundAnswer> {
    const { more = [], again = "", review, order } = options;
    await this.#revive(batchId);
    const reviewJson = review === undefined ? "" : reviewArgument(review.line, review.changes);
    const args = { roundJson: JSON.stringify(round), again, reviewJson };
    const others = more.map((other) => ({ otherJson: JSON.stringify(other) }));
    const [answer, kind, what] = await this.#carryOut(rounds.beginRound, batchId, order, args, others);
    if (answer !== "answer") return notCarriedOut(answer, kind);
    switch (kind) {
      case "begun":
        // Repeated, because the producer that ended the batch may have just removed the batch from the list.
        await this.#revive(batchId);
        return { kind, number: Number(what) };
      case "busy":
      case "full":
      case "changed":
        return { kind };
      default:
        return { kind: "refused", state: known(batchId, what) };
    }
  }

  /**
   * Reserves the numbers of rounds that Redis forgot, because sessions and outcome lines with these numbers exist. The
   * rounds reopen no portrait. Rounds that were started later get higher numbers. Call before any of their portraits is
   * reopened.
   *
   * @param forgotten the first forgotten round and all that followed
   */
  async adoptRounds(batchId: string, forgotten: BatchRecord["rounds"]): Promise<void> {
    const opensNothing = { codes: [], number: undefined, opened: undefined };
    const rows = forgotten.map((round) => ({ roundJson: JSON.stringify({ ...round, ...opensNothing }) }));
    await this.#run(rounds.adoptRounds, batchId, { firstNumber: forgotten[0]?.number ?? 0 }, rows);
  }

  /** Records that the round started at `at` repeats the work of a forgotten round with the same number. */
  async markAgain(batchId: string, { number, at }: Pick<Round, "number" | "at">): Promise<void> {
    await this.#run(rounds.markAgain, batchId, { number, at });
  }

  /**
   * Reopens ended portraits.
   *
   * @param ended their latest known outcome lines; an outdated line reopens nothing
   * @returns the number of portraits reopened
   */
  async reopen(
    batchId: string,
    round: number,
    ended: ReadonlyMap<number, Pick<OutcomeLine, "code" | "round">>,
  ): Promise<number> {
    if (ended.size === 0) return 0;
    const lines = [...ended].map(([i, line]) => ({ i, code: line.code, round: line.round ?? 0 }));
    return (await this.#run(rounds.reopen, batchId, { number: round }, lines)) as number;
  }

  /** Records that all portraits of this round, and of the rounds started with it, are reopened. */
  async endReopening(batchId: string, round: number): Promise<void> {
    await this.#run(rounds.endReopening, batchId, { number: round });
  }

  /**
   * Raises the batch's revision above a stored one that Redis forgot, so that later changes count as newer.
   *
   * @returns whether the revision was raised
   */
  async outnumber(batchId: string, revision: number): Promise<boolean> {
    return (await this.#run(scripts.outnumberRevision, batchId, { known: revision })) === 1;
  }

  /**
   * Records that the object store contains users' changes up to this revision.
   *
   * @returns the current revision
   */
  async storedRevision(batchId: string, revision: number): Promise<number> {
    return (await this.#run(scripts.noteStoredRevision, batchId, { stored: revision })) as number;
  }
}

/** The result of `answerOrder` in `scripts/lib/order.lua`. */
type OrderReply = [kind?: string, ...answer: unknown[]];

function orderAnswer([kind, state, done]: OrderReply): OrderAnswer {
  if (kind !== "answer") return notCarriedOut(kind, state);
  return { kind: done === 1 ? "done" : "refused", state: state as BatchState };
}

function notCarriedOut(kind: string | undefined, state: unknown): NotCarriedOut {
  return { kind: kind === "stale" ? "stale" : "other", state: state as BatchState };
}

/** The answer of {@link BatchControl.endPilot}. */
interface PilotEnd {
  readonly state: BatchState;
  /** Number of portraits that must be chosen in addition; 0 while portraits of the pilot have not ended. */
  readonly lacking: number;
  /** The portraits of the pilot that count, if others are lacking. */
  readonly counting: readonly number[];
}

function known(batchId: string, state: unknown): BatchState {
  if (typeof state === "string") return state as BatchState;
  throw new DarkroomError("not_found", `There is no batch ${batchId}.`);
}
