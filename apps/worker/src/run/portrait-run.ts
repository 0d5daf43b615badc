import {
  accountText,
  DarkroomError,
  EMPTY_RECEIPT,
  outcomeOf,
  protocolMs,
  withAuthorization,
  withOutput,
  withoutAuthorization,
  type OrderedCall,
  type OutcomeCode,
  type Receipt,
  type SeenOutput,
  type StepPrices,
} from "@darkroom/core";
import type { FoundFaces } from "@darkroom/faces";
import { serverNow } from "@darkroom/redis-kit";
import { reclaim } from "../claims/reclaim.ts";
import type { AnswerRoom } from "../enhance/answer-room.ts";
import type { EarlyPass } from "../lanes/pass.ts";
import type { Prepared } from "../prepare/prepared.ts";
import type { FailureLimits } from "./after-failure.ts";
import { RunEnded, type RunDecision, type RunEnding } from "./run-ending.ts";
import type { LaneContext, WorkerContext } from "./worker-context.ts";
import type { Claim } from "./claim.ts";
import type { Timing } from "./timing.ts";

/** Delay of a portrait whose batch another account has taken over. */
const OTHER_ACCOUNT_MS = protocolMs(5_000);

/** The components of a run. */
export interface RunParts {
  readonly context: WorkerContext;
  readonly lane: LaneContext;
  readonly claim: Claim;
  /** Aborts the run. Only the first reason is used. */
  readonly controller: AbortController;
  /** The deployment's timing with the recipe's retry policy. */
  readonly timing: Timing;
  readonly receipt?: Receipt;
}

/** One run of one portrait: its claim, its receipt, and the state that the steps share. */
export class PortraitRun {
  readonly context: WorkerContext;
  readonly lane: LaneContext;
  readonly claim: Claim;
  readonly controller: AbortController;
  readonly timing: Timing;
  /** The current receipt. An unwritten change reaches the ledger with the next write. */
  receipt: Receipt;
  /** The portrait's identity, once known; see core's `portraitIdentity`. */
  identity: string | undefined;
  /** Keys of converted pictures in the destination, deleted when the portrait ends. */
  readonly inputs: string[] = [];
  /** A JPEG of a photo that no browser shows (HEIC), made when the photo was converted for the provider. */
  preview: Uint8Array | undefined;
  /** The photo's faces, from before the call until they are compared with the result's. Never leaves this process. */
  photoFaces: FoundFaces | undefined;
  /** A gate pass taken before the photo was read; see `early-pass.ts`. */
  earlyPass: EarlyPass | undefined;
  /** Reserved memory for an answer that contains its pictures; undefined for a provider that answers with links. */
  answerRoom: AnswerRoom | undefined;
  /** The photo and its order; see {@link PreparedRun}. */
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

  /** The inputs that determine how this portrait's failures are handled. */
  get limits(): FailureLimits {
    return { timing: this.timing, random: this.context.random, now: serverNow() };
  }

  /** True when Redis may have lost a call of this portrait: after a failover, a restart or a recovery of the batch. */
  async mayBeBehind(): Promise<boolean> {
    const { spec, recoveries } = this.claim;
    return recoveries > 0 || (await this.context.failover.mayHaveForgotten(spec.createdAt));
  }

  /**
   * Writes the receipt to the ledger. If Redis lost the claim of a portrait that was called, reclaims it unless another
   * worker took over, because this process has the answer.
   *
   * @throws RunEnded when another worker holds the claim
   */
  async write(next: Receipt): Promise<void> {
    const { spec, index, token } = this.claim;
    const wasCalled = this.receipt.firstIntentAt !== undefined;
    this.receipt = next;
    const write = (): Promise<boolean> => this.context.ledger.claims.writeReceipt(spec.id, index, token, next);
    if (await write()) return;
    if (wasCalled && (await reclaim(this)) && (await write())) return;
    throw new RunEnded({ kind: "claim-lost" });
  }

  /**
   * Writes a call's intent like {@link write}, if the account may process the batch. For a batch with a budget, the
   * same script authorizes the portrait's maximum cost.
   *
   * @throws RunEnded when another account processes the batch, or the budget does not cover the call
   */
  async writeIntent(intent: Receipt, stepPricesUsd: StepPrices): Promise<void> {
    const { spec, index, token } = this.claim;
    const before = this.receipt;
    const receipt = spec.control?.maxCostUsd === undefined ? intent : withAuthorization(intent, stepPricesUsd);
    if (receipt === undefined) {
      throw new DarkroomError("invalid_settings", "the batch has a budget, and no price for a call that it needs");
    }
    const { name: lane } = this.lane.lane;
    const ordered = spec.needs?.accounts[lane];
    const account = ordered === undefined ? {} : { account: { lane, ordered, keys: this.context.means.keysOf(lane) } };
    const authorize = () => this.context.ledger.money.authorize(spec.id, index, token, { receipt, before, ...account });
    let answer = await authorize();
    const isForgotten = answer.kind === "lost" && before.firstIntentAt !== undefined;
    if (isForgotten && (await reclaim(this))) answer = await authorize();
    switch (answer.kind) {
      case "authorized":
        this.receipt = receipt;
        return;
      case "lost":
        throw new RunEnded({ kind: "claim-lost" });
      case "other_account":
        // The cached batch is out of date. The next run reads it and learns that this process lacks the account.
        this.context.batches.forget(spec.id);
        throw new RunEnded({
          kind: "later",
          reason: "unmet_needs",
          delayMs: OTHER_ACCOUNT_MS,
          message: `it needs ${accountText(answer.mark, lane)}`,
        });
      case "refused":
        if (answer.voids) this.receipt = withoutAuthorization(before);
        throw new RunEnded({ kind: "unfunded", stopped: answer.stopped });
    }
    answer satisfies never;
  }

  /** Records a paid picture's URL, unless the receipt contains it. */
  async writeOutput(step: number, seen: SeenOutput): Promise<void> {
    const next = withOutput(this.receipt, step, seen, serverNow());
    if (next !== this.receipt) await this.write(next);
  }

  /** Applies a decision's receipt and returns its ending. */
  take({ receipt, ending }: RunDecision): RunEnding {
    this.receipt = receipt;
    return ending;
  }

  /** Applies a decision's receipt and returns the error that ends the run. */
  endWith(decision: RunDecision): RunEnded {
    return new RunEnded(this.take(decision));
  }

  /** Returns the error that ends the portrait. */
  settleAs(code: OutcomeCode, message: string): RunEnded {
    return new RunEnded({ kind: "settle", outcome: outcomeOf(this.receipt, code, message) });
  }

  /** Attaches the result of `prepare`. */
  withPrepared(prepared: Prepared): PreparedRun {
    return Object.assign(this, { prepared });
  }
}

/** A prepared run, which may call a provider. */
export type PreparedRun = PortraitRun & { readonly prepared: Prepared };

/** The order behind the run's calls at its own lane. */
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
