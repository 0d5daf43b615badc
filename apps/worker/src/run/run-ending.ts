import type { Blocked, BlockedDestination, Outcome, Receipt, WaitReason } from "@darkroom/core";

/** How a run of one portrait ends. Closed: `conclude` maps each to the ledger and to the queue. */
export type RunEnding =
  /** It has ended for good. */
  | { readonly kind: "settle"; readonly outcome: Outcome }
  | LaterEnding
  | BlockedEnding
  /** The budget does not pay for its next call: it waits until money is released. `stopped`: its batch is, so it ends. */
  | { readonly kind: "unfunded"; readonly stopped: boolean }
  /** Its destination takes no writes: it waits until that is over, and burns nothing. */
  | { readonly kind: "destination-rests"; readonly blocked: BlockedDestination }
  /** What another lane's provider may have made was found there: the portrait goes to that lane. */
  | { readonly kind: "elsewhere"; readonly lane: string }
  /** The lane is blocked, and this call is not its probe. */
  | { readonly kind: "lane-rests" }
  /** This process stops: another worker goes on with the receipt. */
  | { readonly kind: "hand-back"; readonly reason: "handed_back" | "memory" | "unmet_needs" }
  /** Another worker has the claim now; nothing more may be done here. */
  | { readonly kind: "claim-lost" };

/** The portrait comes again after a while; the receipt says whether an attempt was burnt. */
export interface LaterEnding {
  readonly kind: "later";
  readonly reason: WaitReason;
  readonly delayMs: number;
  readonly message: string;
  /** It called no provider, and stays in the dispatch window: no other portrait takes its turn, to wait beside it. */
  readonly keepsPlace?: boolean;
  /** The provider had begun to answer the call that it refused. */
  readonly refused?: boolean;
}

/** The account can do nothing, or its provider is away: the portrait is requeued. */
export interface BlockedEnding {
  readonly kind: "blocked";
  readonly reason: Blocked["reason"];
  readonly message: string;
  /** Of the refused call, where it went through the gate; see `Pass`. */
  readonly enteredAt?: number;
  readonly probing?: boolean;
}

/** What an answer or a failure means: the receipt after it, and how the run ends. */
export interface RunDecision {
  readonly receipt: Receipt;
  readonly ending: RunEnding;
}

/** Thrown from the depth of a step to end the run; caught in one place. The run has the receipt. */
export class RunEnded extends Error {
  readonly ending: RunEnding;

  constructor(ending: RunEnding) {
    super(`the run ends: ${ending.kind}`);
    this.ending = ending;
  }
}
