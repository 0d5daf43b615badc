import type { Blocked, BlockedDestination, Outcome, Receipt, WaitReason } from "@darkroom/core";

/** The outcome of a run of one portrait. `conclude` maps each kind to the ledger and the queue. */
export type RunEnding =
  /** The portrait has ended. */
  | { readonly kind: "settle"; readonly outcome: Outcome }
  | LaterEnding
  | BlockedEnding
  /** The budget does not cover the next call. The portrait waits, or ends if its batch is `stopped`. */
  | { readonly kind: "unfunded"; readonly stopped: boolean }
  /** The batch may not spend, and the provider has no record of a call. The portrait waits for money. */
  | { readonly kind: "recalled" }
  /** The destination refuses writes. The portrait waits, and no attempt is counted. */
  | { readonly kind: "destination-blocked"; readonly blocked: BlockedDestination }
  /** Another lane's provider has the result. The portrait moves to that lane. */
  | { readonly kind: "elsewhere"; readonly lane: string }
  /** The lane is blocked, and this call is not its probe. */
  | { readonly kind: "lane-blocked" }
  /** This process stops or lacks a requirement. Another worker continues from the receipt. */
  | { readonly kind: "hand-back"; readonly reason: "handed_back" | "memory" | "unmet_needs" }
  /** Another worker holds the claim, so this run must not write anything more. */
  | { readonly kind: "claim-lost" };

/** The portrait is retried later. The receipt records whether an attempt was counted. */
export interface LaterEnding {
  readonly kind: "later";
  readonly reason: WaitReason;
  readonly delayMs: number;
  readonly message: string;
  /** The portrait called no provider and stays in flight, so that no other portrait is dispatched in its place. */
  readonly keepsPlace?: boolean;
  /** The provider had begun to answer the call that it refused. */
  readonly refused?: boolean;
}

/** The provider refused the account or is down. The portrait is requeued. */
export interface BlockedEnding {
  readonly kind: "blocked";
  readonly reason: Blocked["reason"];
  readonly message: string;
  /** When the refused call passed the gate; see `Pass`. */
  readonly enteredAt?: number;
  readonly probing?: boolean;
}

/** The decision about an answer or a failure: the new receipt, and how the run ends. */
export interface RunDecision {
  readonly receipt: Receipt;
  readonly ending: RunEnding;
}

/** Thrown inside a step to end the run. The receipt is in the run. */
export class RunEnded extends Error {
  readonly ending: RunEnding;

  constructor(ending: RunEnding) {
    super(`the run ends: ${ending.kind}`);
    this.ending = ending;
  }
}
