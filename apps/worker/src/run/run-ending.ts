import type { Blocked, BlockedDestination, Outcome, Receipt, WaitReason } from "@darkroom/core";

/** How a run of one portrait ends. Closed: `conclude` maps each to the ledger and to the queue. */
export type Ending =
  /** It has ended for good. */
  | { readonly kind: "settle"; readonly outcome: Outcome }
  /** It comes again after a while; the receipt says whether an attempt was burnt. */
  | {
      readonly kind: "later";
      readonly reason: WaitReason;
      readonly delayMs: number;
      readonly receipt: Receipt;
      readonly message: string;
      /** It called nobody, and stays in the dispatch window: no other portrait takes its turn, to wait beside it. */
      readonly keepsPlace?: boolean;
      /** The provider had begun to answer the call that it refused. */
      readonly refused?: boolean;
    }
  /** The account can do nothing, or its provider is away: the portrait waits in the row. */
  | {
      readonly kind: "blocked";
      readonly reason: Blocked["reason"];
      readonly message: string;
      readonly receipt: Receipt;
      /** Of the refused call, where it went through the gate; see `Pass`. */
      readonly enteredAt?: number;
      readonly probing?: boolean;
    }
  /** Its destination takes no writes: it waits until that is over, and burns nothing. */
  | { readonly kind: "destination-rests"; readonly blocked: BlockedDestination; readonly receipt: Receipt }
  /** What another lane's provider may have made was found there: the portrait goes to that lane. */
  | { readonly kind: "elsewhere"; readonly lane: string; readonly receipt: Receipt }
  /** The lane is blocked, and this call is not its probe. */
  | { readonly kind: "lane-rests"; readonly receipt: Receipt }
  /** This process stops: another worker goes on with the receipt. */
  | { readonly kind: "hand-back"; readonly receipt: Receipt; readonly reason: "handed_back" | "memory" | "unmet_needs" }
  /** Somebody else has the claim now; nothing more may be done here. */
  | { readonly kind: "claim-lost" };

/** Thrown from the depth of a step to end the run; caught in one place. */
export class EndRun extends Error {
  readonly ending: Ending;

  constructor(ending: Ending) {
    super(`the run ends: ${ending.kind}`);
    this.ending = ending;
  }
}
