import type { Order } from "../batch/portrait-identity.ts";
import type { Billed, OutcomeCode } from "../report/outcome.ts";
import { hasLink, isPresent, mayBePaid, type Call } from "./call.ts";

/**
 * The history of a portrait: its order, the provider's session, and its calls. It is in the ledger from the first
 * intent until the portrait is settled (P3). Costs and attempts are sums over `calls`; see `moneyOf` and `attemptsOf`.
 */
export interface Receipt {
  /**
   * The batch's round in which the provider was first called; its recipe applies until the portrait ends. Absent: 0.
   */
  readonly round?: number;
  /** The lane whose provider was called; the portrait stays with it until it ends. Absent: the batch's own. */
  readonly lane?: string;
  /** The called provider has no memory, so a call without an answer is paid again. */
  readonly forgets?: boolean;
  /** Number of steps of its recipe. Absent: no provider was called. */
  readonly steps?: number;
  /** When the first call was intended (epoch ms), for the bound on waiting. Absent: no provider was called. */
  readonly firstIntentAt?: number;
  /** Metadata for the result, kept from the first intent in case the source changes or is deleted. */
  readonly fingerprint?: string;
  /** The portrait's identity: the receipt is valid for no other portrait (P11). Present from the first intent. */
  readonly order?: Order;
  /** With a budget: the amount authorized for the portrait at its last intent, including earlier calls (micro-USD). */
  readonly authorizedMicroUsd?: number;
  /** Its pictures were paid for and lost by an earlier round: the amount that that round recorded. */
  readonly found?: FoundPicture;
  /** Input for queries of the provider's memory. It says nothing about costs. */
  readonly session: Session;
  /** In the order of their intents. */
  readonly calls: readonly Call[];
  /** Total time spent waiting for the provider. */
  readonly providerMs: number;
  /** Failures of the object store for this portrait. */
  readonly storageFailures: number;
  /** Warnings for the outcome. */
  readonly notes?: readonly string[];
  /** Recent refusals by the account. */
  readonly refused?: Refusals;
  /** The last failure, for the outcome when attempts are used up. */
  readonly lastFailure?: Failure;
  /**
   * Why it was last delayed, for the status: the store, the result's address, an unreachable provider or an internal
   * error.
   */
  readonly lastTrouble?: string;
}

/** The provider's session of a portrait. */
interface Session {
  /** Sessions that the provider has lost; see core's `sessionId`. */
  readonly generation: number;
  /** Known finished exchanges of the present session. */
  readonly exchanges: number;
  /** Calls refused since then: the provider may remember each as another exchange, without a picture. Absent: 0. */
  readonly refusedCalls?: number;
  /** The step in which a question was answered, and the answer. */
  readonly clarified?: { readonly step: number; readonly answer: string };
}

/** The amount that an earlier round recorded as lost for pictures that were found later. */
export interface FoundPicture {
  /** Null if one of the calls had no price. */
  readonly microUsd: number | null;
  /** The lane that was paid. */
  readonly lane: string;
}

/** How often an account has refused one step of a portrait while it worked for others. */
export interface Refusals {
  /** The account's lane. */
  readonly by: string;
  readonly step: number;
  readonly reason: "auth" | "balance";
  /** Refusals between which the account answered another portrait. */
  readonly times: number;
  /** When the last refused call passed the gate (epoch ms, Redis' clock). */
  readonly enteredAt: number;
}

/** A failure that may end the portrait. */
export interface Failure {
  readonly code: OutcomeCode;
  readonly message: string;
  /** The portrait's cost if it ends now. Defaults to the sum of its calls. */
  readonly billed?: Billed;
}

export const EMPTY_RECEIPT: Receipt = {
  session: { generation: 0, exchanges: 0 },
  calls: [],
  providerMs: 0,
  storageFailures: 0,
};

/** The present call of each step that has one, in the order of the steps. */
export function presentCalls({ calls }: Pick<Receipt, "calls">): readonly Call[] {
  return calls.filter(isPresent);
}

/** The present call of a step. */
export function callOf({ calls }: Pick<Receipt, "calls">, step: number): Call | undefined {
  return calls.findLast((call) => call.step === step && isPresent(call));
}

/** The present call of the latest step that has one. */
export function lastCall({ calls }: Pick<Receipt, "calls">): Call | undefined {
  return calls.findLast(isPresent);
}

/** True if every step has its picture, with a link. */
export function isWhole(receipt: Pick<Receipt, "calls" | "steps">): boolean {
  return presentCalls(receipt).length >= (receipt.steps ?? 1) && hasLink(lastCall(receipt));
}

/** True if a present call was paid, or may have been. */
export function isBought(receipt: Receipt): boolean {
  return presentCalls(receipt).some((call) => call.outputs !== undefined || mayBePaid(call));
}

/**
 * True if a picture of the step's call was seen, but not the end of its answer, so that a newer picture may have
 * followed. False if another call or a newer session follows, because the call is then over.
 */
export function mayBeDraft(receipt: Receipt, step: number): boolean {
  const last = lastCall(receipt);
  if (last?.step !== step || !hasLink(last) || last.outputs?.finished === true) return false;
  return last.generation === receipt.session.generation;
}

export function parseReceipt(text: string): Receipt {
  return text === "" ? EMPTY_RECEIPT : (JSON.parse(text) as Receipt);
}
