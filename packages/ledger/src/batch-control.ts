import { DarkroomError, type BatchState, type OutcomeCode, type Pauser, type Round } from "@darkroom/core";
import type { Script } from "@darkroom/redis-kit";
import type { BatchRecord } from "./batch-record.ts";
import * as scripts from "./scripts/index.ts";

/** Runs a script on the keys of one batch. */
export type RunOnBatch = (script: Script, batchId: string, args: readonly (string | number)[]) => Promise<unknown>;

export type RoundAnswer =
  | { readonly kind: "begun"; readonly number: number }
  /** The portraits of another round are still being opened. */
  | { readonly kind: "busy" }
  /** It has had as many as are counted. */
  | { readonly kind: "full" }
  | { readonly kind: "refused"; readonly state: BatchState };

/**
 * What a person, the breaker, the budget or the clock does to a whole batch. Each is one write, however many portraits
 * there are, and can be repeated.
 */
export class BatchControl {
  readonly #run: RunOnBatch;
  /** Brings an ended batch back among the living before it is written to. */
  readonly #revive: (batchId: string) => Promise<void>;

  constructor(run: RunOnBatch, revive: (batchId: string) => Promise<void>) {
    this.#run = run;
    this.#revive = revive;
  }

  /** @param usedUpMicroUsd the budget that is used up: nothing happens when it has been raised meanwhile */
  async pause(batchId: string, reason: string, by: Pauser = "person", usedUpMicroUsd?: number): Promise<BatchState> {
    return known(batchId, await this.#run(scripts.pause, batchId, [reason, by, usedUpMicroUsd ?? ""]));
  }

  /**
   * Goes on with a paused batch.
   *
   * @param maxCostMicroUsd the budget from now on
   * @returns the state afterwards, and whether it is the budget that keeps it paused
   */
  async resume(
    batchId: string,
    maxCostMicroUsd?: number,
  ): Promise<{ readonly state: BatchState; readonly overBudget: boolean }> {
    const [state, over] = (await this.#run(scripts.resume, batchId, [maxCostMicroUsd ?? ""])) as [unknown, number];
    return { state: known(batchId, state), overBudget: over === 1 };
  }

  /**
   * Gives a running batch to its fallback until its end.
   *
   * @param waiting portraits that are queued or retrying: those that no provider was called for are dispatched anew
   * @returns whether it is new, and how many portraits went back into the row; undefined when it may not be diverted
   */
  async divert(
    batchId: string,
    lane: string,
    waiting: readonly number[],
  ): Promise<{ readonly isNew: boolean; readonly moved: number } | undefined> {
    const reply = (await this.#run(scripts.divert, batchId, [lane, Date.now(), ...waiting])) as [number, number];
    return reply[0] < 0 ? undefined : { isNew: reply[0] === 1, moved: reply[1] };
  }

  async confirm(batchId: string): Promise<BatchState> {
    return known(batchId, await this.#run(scripts.confirm, batchId, []));
  }

  async approve(batchId: string): Promise<BatchState> {
    return known(batchId, await this.#run(scripts.approve, batchId, []));
  }

  /** Cancels a batch: what waits is never started, what runs is ended. */
  async cancel(batchId: string, reason: string): Promise<BatchState> {
    return await this.stop(batchId, reason, "cancelled", true);
  }

  /**
   * Starts nothing more of a batch.
   *
   * @param code how portraits end that were never started
   * @param endsRunning false when what runs is finished
   */
  async stop(batchId: string, reason: string, code: OutcomeCode, endsRunning: boolean): Promise<BatchState> {
    const args = [reason, code, endsRunning ? 1 : 0];
    return known(batchId, await this.#run(scripts.stop, batchId, args));
  }

  async choosePilot(batchId: string, indexes: readonly number[]): Promise<void> {
    await this.#run(scripts.choosePilot, batchId, [indexes.join(",")]);
  }

  /** Waits for approval when the pilot is through. */
  async endPilot(batchId: string): Promise<BatchState> {
    return known(batchId, await this.#run(scripts.endPilot, batchId, []));
  }

  /**
   * Begins another round of a batch, an ended one too; a producer then opens its portraits.
   *
   * @param more rounds that follow it and are opened together with it; none of them opens a portrait of another one's
   * @param again the number of the batch's last round, one that Redis had forgotten, where this is the same once more
   * @param reserveMicroUsd what a budget sets aside for a portrait of the round, where that may be more than before
   */
  async beginRound(
    batchId: string,
    round: Omit<Round, "number">,
    reserveMicroUsd?: number,
    more: readonly Omit<Round, "number">[] = [],
    again?: number,
  ): Promise<RoundAnswer> {
    await this.#revive(batchId);
    const [kind, what] = (await this.#run(scripts.beginRound, batchId, [
      JSON.stringify(round),
      reserveMicroUsd ?? "",
      again ?? "",
      ...more.map((other) => JSON.stringify(other)),
    ])) as [RoundAnswer["kind"], (number | string)?];
    switch (kind) {
      case "begun":
        // Once more: the producer that ended the batch may just have taken it off the list.
        await this.#revive(batchId);
        return { kind, number: Number(what) };
      case "busy":
      case "full":
        return { kind };
      case "refused":
        return { kind, state: known(batchId, what) };
    }
  }

  /**
   * Takes the numbers of rounds that Redis has forgotten, the first of them and all that followed it, so that no other
   * round is taken for one of them: their sessions and outcome lines are there. They open no portrait. Rounds that were
   * begun since get higher numbers; to be called before any portrait of theirs is opened.
   */
  async adoptRounds(batchId: string, forgotten: BatchRecord["rounds"]): Promise<void> {
    const opensNothing = { codes: [], number: undefined, opened: undefined };
    const rounds = forgotten.map((round) => JSON.stringify({ ...round, ...opensNothing }));
    await this.#run(scripts.adoptRounds, batchId, [forgotten[0]?.number ?? 0, ...rounds]);
  }

  /** Notes that a round, begun at `at`, does what one of the same number had begun to do that Redis has forgotten. */
  async markAgain(batchId: string, { number, at }: Pick<Round, "number" | "at">): Promise<void> {
    await this.#run(scripts.markAgain, batchId, [number, at]);
  }

  /** Opens ended portraits again. @returns how many it were */
  async reopen(batchId: string, round: number, ended: ReadonlyMap<number, OutcomeCode>): Promise<number> {
    if (ended.size === 0) return 0;
    return (await this.#run(scripts.reopen, batchId, [round, ...[...ended].flat()])) as number;
  }

  /** Every portrait is open of this round and of those that began with it. */
  async endReopening(batchId: string, round: number): Promise<void> {
    await this.#run(scripts.endReopening, batchId, [round]);
  }

  /**
   * Notes that the object store knows what people did to the batch up to this revision.
   *
   * @returns the present one
   */
  async storedRevision(batchId: string, revision: number): Promise<number> {
    return (await this.#run(scripts.storedRevision, batchId, [revision])) as number;
  }
}

function known(batchId: string, state: unknown): BatchState {
  if (typeof state === "string") return state as BatchState;
  throw new DarkroomError("not_found", `There is no batch ${batchId}.`);
}
