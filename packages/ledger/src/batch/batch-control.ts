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
import * as scripts from "../scripts/batch-scripts.ts";
import type { LedgerScript, OrderArgument, ScriptArguments } from "../scripts/ledger-script.ts";
import { pauseAtBudget } from "../scripts/money-scripts.ts";
import * as rounds from "../scripts/round-scripts.ts";
import type { RunScript } from "../scripts/run-script.ts";

export type RoundAnswer =
  | { readonly kind: "begun"; readonly number: number }
  /** The portraits of another round are still being opened. */
  | { readonly kind: "busy" }
  /** It has had as many as are counted. */
  | { readonly kind: "full" }
  | { readonly kind: "refused"; readonly state: BatchState }
  | NotCarriedOut;

/** Something decided about a whole batch, told from every other such thing. */
export interface Order {
  /** The same when it is sent again. Defaults to a new one: only a command that Redis gets twice is known then. */
  readonly id?: string;
  /** A digest of what was asked for: an id that comes with something else is refused. */
  readonly says?: string;
  /** What the batch was when it was decided: it undoes nothing that was done since. Defaults to whatever holds now. */
  readonly madeFor?: Pick<BatchRecord, "revision"> & Partial<Pick<BatchRecord, "round">>;
}

/** It changed nothing: the batch went on since it was made, or its id came with another order. */
export interface NotCarriedOut {
  readonly kind: "stale" | "other";
  readonly state: BatchState;
}

export type OrderAnswer =
  /** The batch is, or then was, where it was to go. `refused`: its state does not allow it. */
  { readonly kind: "done" | "refused"; readonly state: BatchState } | NotCarriedOut;

export type ResumeAnswer = OrderAnswer & {
  /** It is the budget that keeps it paused. */
  readonly budgetFull: boolean;
  /** Where the new budget is at or below the sum of both, and so refused. */
  readonly spent?: { readonly usd: number; readonly maybeUsd: number };
};

/** How a batch is stopped. */
interface Stop {
  readonly reason: string;
  /** How portraits end that were never started. */
  readonly code: OutcomeCode;
  /** False when what runs is finished. */
  readonly endsRunning: boolean;
}

/**
 * What a person, the breaker, the budget or the clock does to a whole batch. Each is one write, however many portraits
 * there are, and can be repeated.
 */
export class BatchControl {
  readonly #run: RunScript;
  /** Brings an ended batch back among the living before it is written to. */
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
   * Goes on with a paused batch.
   *
   * @param maxCostMicroUsd the budget from now on
   * @param options.checksSpent refuses a budget that is not above what is spent; one that Redis had forgotten is given again
   *   without it
   * @returns also whether it is the budget that keeps it paused, and what is spent where the new budget is not above it:
   *   then nothing has changed
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
   * Gives a running batch to its fallback until its end.
   *
   * @param waiting portraits that are queued or retrying: those that no provider was called for are dispatched anew
   * @param madeFor the revision that it was decided for: whatever was done since keeps it from being diverted
   * @returns whether it is new, and how many portraits went back into the row; undefined when it may not be diverted
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

  /** Cancels a batch: what waits is never started, what runs is ended. */
  async cancel(batchId: string, reason: string, order?: Order): Promise<OrderAnswer> {
    return await this.stop(batchId, { reason, code: "cancelled", endsRunning: true }, order);
  }

  /** Starts nothing more of a batch. */
  async stop(batchId: string, { reason, code, endsRunning }: Stop, order?: Order): Promise<OrderAnswer> {
    const args = { reason, stopCode: code, endsRunning: endsRunning ? 1 : 0 };
    return orderAnswer(await this.#carryOut(scripts.stopBatch, batchId, order, args));
  }

  /** What an order of this id was answered; undefined for one that did not come before. */
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

  /** Pauses a batch whose budget is full and of which nothing in flight could release money; see the script. */
  async pauseAtBudget(batchId: string): Promise<boolean> {
    return (await this.#run(pauseAtBudget, batchId, {})) === 1;
  }

  async choosePilot(batchId: string, indexes: readonly number[]): Promise<void> {
    await this.#run(scripts.choosePilot, batchId, { picks: indexes.join(",") });
  }

  /** Waits for approval when the pilot is through. */
  async endPilot(batchId: string): Promise<BatchState> {
    return known(batchId, await this.#run(scripts.endPilot, batchId, {}));
  }

  /**
   * Begins another round of a batch, an ended one too; a producer then opens its portraits.
   *
   * @param options.more rounds that follow it and are opened together with it; none of them opens a portrait of another one's
   * @param options.again the number of the batch's last round, one that Redis had forgotten, where this is the same once more
   */
  async beginRound(
    batchId: string,
    round: Omit<Round, "number">,
    options: {
      readonly more?: readonly Omit<Round, "number">[];
      readonly again?: number | undefined;
      readonly order?: Order;
    } = {},
  ): Promise<RoundAnswer> {
    const { more = [], again = "", order } = options;
    await this.#revive(batchId);
    const args = { roundJson: JSON.stringify(round), again };
    const others = more.map((other) => ({ otherJson: JSON.stringify(other) }));
    const [answer, kind, what] = await this.#carryOut(rounds.beginRound, batchId, order, args, others);
    if (answer !== "answer") return notCarriedOut(answer, kind);
    switch (kind) {
      case "begun":
        // Once more: the producer that ended the batch may just have taken it off the list.
        await this.#revive(batchId);
        return { kind, number: Number(what) };
      case "busy":
      case "full":
        return { kind };
      default:
        return { kind: "refused", state: known(batchId, what) };
    }
  }

  /**
   * Takes the numbers of rounds that Redis has forgotten, the first of them and all that followed it, so that no other
   * round is taken for one of them: their sessions and outcome lines are there. They open no portrait. Rounds that were
   * begun since get higher numbers; to be called before any portrait of theirs is opened.
   */
  async adoptRounds(batchId: string, forgotten: BatchRecord["rounds"]): Promise<void> {
    const opensNothing = { codes: [], number: undefined, opened: undefined };
    const rows = forgotten.map((round) => ({ roundJson: JSON.stringify({ ...round, ...opensNothing }) }));
    await this.#run(rounds.adoptRounds, batchId, { firstNumber: forgotten[0]?.number ?? 0 }, rows);
  }

  /** Notes that a round, begun at `at`, does what one of the same number had begun to do that Redis has forgotten. */
  async markAgain(batchId: string, { number, at }: Pick<Round, "number" | "at">): Promise<void> {
    await this.#run(rounds.markAgain, batchId, { number, at });
  }

  /**
   * Opens ended portraits again.
   *
   * @param ended their latest outcome lines, as far as is known: one that is not the latest any more opens nothing
   * @returns how many it were
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

  /** Every portrait is open of this round and of those that began with it. */
  async endReopening(batchId: string, round: number): Promise<void> {
    await this.#run(rounds.endReopening, batchId, { number: round });
  }

  /**
   * Raises the batch's revision over one that is in the object store and that Redis has forgotten, so that what is done
   * from now on is newer.
   *
   * @returns whether it was raised
   */
  async outnumber(batchId: string, revision: number): Promise<boolean> {
    return (await this.#run(scripts.outnumberRevision, batchId, { known: revision })) === 1;
  }

  /**
   * Notes that the object store knows what people did to the batch up to this revision.
   *
   * @returns the present one
   */
  async storedRevision(batchId: string, revision: number): Promise<number> {
    return (await this.#run(scripts.noteStoredRevision, batchId, { stored: revision })) as number;
  }
}

/** As `answerOrder` of `scripts/lib/order.lua` answers. */
type OrderReply = [kind?: string, ...answer: unknown[]];

function orderAnswer([kind, state, done]: OrderReply): OrderAnswer {
  if (kind !== "answer") return notCarriedOut(kind, state);
  return { kind: done === 1 ? "done" : "refused", state: state as BatchState };
}

function notCarriedOut(kind: string | undefined, state: unknown): NotCarriedOut {
  return { kind: kind === "stale" ? "stale" : "other", state: state as BatchState };
}

function known(batchId: string, state: unknown): BatchState {
  if (typeof state === "string") return state as BatchState;
  throw new DarkroomError("not_found", `There is no batch ${batchId}.`);
}
