import {
  DarkroomError,
  EMPTY_RECEIPT,
  outcomeOf,
  withAuthorization,
  withOutput,
  withoutAuthorization,
  type OrderedCall,
  type OutcomeCode,
  type Receipt,
  type SeenOutput,
  type StepPrices,
} from "@darkroom/core";
import { serverNow } from "@darkroom/redis-kit";
import { reclaim } from "../claims/reclaim.ts";
import type { AnswerRoom } from "../enhance/reserve-answer-memory.ts";
import type { EarlyPass } from "../lanes/early-pass.ts";
import type { Prepared } from "../prepare/prepare.ts";
import type { FailureLimits } from "./after-failure.ts";
import { RunEnded, type RunDecision, type RunEnding } from "./run-ending.ts";
import type { Claim, LaneContext, Timing, WorkerContext } from "./worker-context.ts";

/** What a run is made of. */
export interface RunParts {
  readonly context: WorkerContext;
  readonly lane: LaneContext;
  readonly claim: Claim;
  /** Ends the run; the first reason counts. */
  readonly controller: AbortController;
  /** The deployment's timing with the recipe's own patience. */
  readonly timing: Timing;
  readonly receipt?: Receipt;
}

/** One run of one portrait. Every step takes it: it has the claim, what the steps need, and the one receipt. */
export class PortraitRun {
  readonly context: WorkerContext;
  readonly lane: LaneContext;
  readonly claim: Claim;
  readonly controller: AbortController;
  readonly timing: Timing;
  /** The receipt in hand. A change that is not written goes to the ledger with whatever is written next. */
  receipt: Receipt;
  /** Who the portrait is, once that is known: core's `portraitIdentity`. */
  identity: string | undefined;
  /** Keys under the destination at which the converted picture may lie; they go when the portrait has ended. */
  readonly inputs: string[] = [];
  /** A place at the gate that was taken before the photo was read, until the call takes it; see `early-pass.ts`. */
  earlyPass: EarlyPass | undefined;
  /** For pictures that come within an answer; undefined for a provider that answers with links. */
  answerRoom: AnswerRoom | undefined;
  /** What is known of the photo and its order; see {@link PreparedRun}. */
  prepared: Prepared | undefined;

  constructor({ context, lane, claim, controller, timing, receipt = EMPTY_RECEIPT }: RunParts) {
    this.context = context;
    this.lane = lane;
    this.claim = claim;
    this.controller = controller;
    this.timing = timing;
    this.receipt = receipt;
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** What decides about failures of this portrait. */
  get limits(): FailureLimits {
    return { timing: this.timing, random: this.context.random, now: serverNow() };
  }

  /**
   * Whether Redis may have forgotten a call for this portrait: it follows another Redis, was started again, or the batch
   * was rebuilt from the object store.
   */
  async mayBeBehind(): Promise<boolean> {
    const { spec, recoveries } = this.claim;
    return recoveries > 0 || (await this.context.failover.mayHaveForgotten(spec.createdAt));
  }

  /**
   * Writes the receipt to the ledger. A claim that Redis has forgotten, and that no other worker has taken since, is taken
   * back once a provider was called: the answer is here.
   *
   * @throws RunEnded where the claim was taken over
   */
  async write(next: Receipt): Promise<void> {
    const { spec, index, token } = this.claim;
    const wasCalled = this.receipt.firstIntentAt !== undefined;
    this.receipt = next;
    const write = (): Promise<boolean> => this.context.ledger.writeReceipt(spec.id, index, token, next);
    if (await write()) return;
    if (wasCalled && (await reclaim(this)) && (await write())) return;
    throw new RunEnded({ kind: "claim-lost" });
  }

  /**
   * Writes a call's intent, as {@link write} does. With a budget, what the portrait may come to cost is authorized in the
   * same step.
   *
   * @throws RunEnded where the budget does not pay for it
   */
  async writeIntent(intent: Receipt, stepPricesUsd: StepPrices): Promise<void> {
    const { spec, index, token } = this.claim;
    if (spec.control?.maxCostUsd === undefined) return await this.write(intent);
    const before = this.receipt;
    const receipt = withAuthorization(intent, stepPricesUsd);
    if (receipt === undefined) {
      throw new DarkroomError("invalid_settings", "the batch has a budget, and no price for a call that it needs");
    }
    const authorize = () => this.context.ledger.authorize(spec.id, index, token, { receipt, before });
    let answer = await authorize();
    const isForgotten = answer.kind === "lost" && before.firstIntentAt !== undefined;
    if (isForgotten && (await reclaim(this))) answer = await authorize();
    switch (answer.kind) {
      case "authorized":
        this.receipt = receipt;
        return;
      case "lost":
        throw new RunEnded({ kind: "claim-lost" });
      case "refused":
        if (answer.voids) this.receipt = withoutAuthorization(before);
        throw new RunEnded({ kind: "unfunded", stopped: answer.stopped });
    }
    answer satisfies never;
  }

  /** Writes down a paid picture's URL, unless the receipt has it. */
  async writeOutput(step: number, seen: SeenOutput): Promise<void> {
    const next = withOutput(this.receipt, step, seen, serverNow());
    if (next !== this.receipt) await this.write(next);
  }

  /** Takes the receipt of a decision, and gives how the run ends. */
  take({ receipt, ending }: RunDecision): RunEnding {
    this.receipt = receipt;
    return ending;
  }

  /** Takes the receipt of a decision, and gives what to throw to end the run with it. */
  endWith(decision: RunDecision): RunEnded {
    return new RunEnded(this.take(decision));
  }

  /** Gives what to throw to end the portrait for good. */
  settleAs(code: OutcomeCode, message: string): RunEnded {
    return new RunEnded({ kind: "settle", outcome: outcomeOf(this.receipt, code, message) });
  }

  /** The run with what `prepare` has found. */
  withPrepared(prepared: Prepared): PreparedRun {
    return Object.assign(this, { prepared });
  }
}

/** A run whose photo was looked at: it may call a provider. */
export type PreparedRun = PortraitRun & { readonly prepared: Prepared };

/** What the run's calls are made for, at its own lane. */
export function orderedCall({ claim, lane: { lane, provider }, prepared }: PreparedRun): OrderedCall {
  const { spec, round } = claim;
  const { fingerprint, order, stepPricesUsd } = prepared;
  return {
    round,
    ...(lane.name === spec.lane ? {} : { lane: lane.name }),
    remembers: provider.remembers,
    fingerprint,
    order,
    stepPricesUsd,
  };
}
