import type { Order } from "../batch/portrait-identity.ts";
import type { Billed, OutcomeCode } from "../report/outcome.ts";
import { hasLink, isPresent, mayBePaid, type Call } from "./call.ts";

/**
 * The history of a portrait: its order, the provider's session, and its calls. Stored in the ledger from the first
 * intent until the portrait is settled (P3). Costs and attempts are sums over `calls`; see `moneyOf` and `attemptsOf`.
 */
export interface Receipt {
  /** The batch's round of the first provider call. Its recipe applies until the portrait ends. Absent: 0. */
  readonly round?: number;
  /** The lane whose provider was called. The portrait stays in this lane until it ends. Absent: the batch's own. */
  readonly lane?: string;
  /** True if the called provider has no memory, so that a call without an answer is paid again. */
  readonly forgets?: boolean;
  /** Number of steps of the recipe. Absent: no provider was called. */
  readonly steps?: number;
  /** Time of the first intent (epoch ms), which bounds the wait. Absent: no provider was called. */
  readonly firstIntentAt?: number;
  /** Fingerprint for the result's metadata, kept from the first intent in case the source changes or is deleted. */
  readonly fingerprint?: string;
  /** The portrait's identity. The receipt is valid for no other portrait (P11). Present from the first intent. */
  readonly order?: Order;
  /** With a budget: the amount authorized for the portrait at its last intent, including earlier calls (micro-USD). */
  readonly authorizedMicroUsd?: number;
  /** The amount that an earlier round recorded for these pictures, if it paid for the pictures and lost them. */
  readonly found?: FoundPicture;
  /** Input for queries of the provider's memory. Not used for costs. */
  readonly session: Session;
  /** In the order of their intents. */
  readonly calls: readonly Call[];
  /** Total time spent waiting for the provider, in ms. */
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
   * Why the portrait was last delayed, for the status: the store, the result's address, an unreachable provider or an
   * internal error.
   */
  readonly lastTrouble?: string;
}

/** The provider's session for a portrait. */
interface Session {
  /** Number of sessions that the provider has lost; see core's `sessionId`. */
  readonly generation: number;
  /** Number of known finished exchanges of the current session. */
  readonly exchanges: number;
  /** Calls refused since then. The provider may remember each as another exchange without a picture. Absent: 0. */
  readonly refusedCalls?: number;
  /** The step in which a question was answered, and the answer. */
  readonly clarified?: { readonly step: number; readonly answer: string };
}

/** The amount that an earlier round recorded as lost for pictures that were found later. */
export interface FoundPicture {
  /** Null if one of the calls had no price. */
  readonly microUsd: number | null;
  /** The lane whose provider was paid. */
  readonly lane: string;
}

/** How often an account has refused one step of a portrait while it served others. */
export interface Refusals {
  /** The account's lane. */
  readonly by: string;
  readonly step: number;
  readonly reason: "auth" | "balance";
  /** Number of refusals after each of which the account served another portrait. */
  readonly times: number;
  /** When the last refused call passed the gate (epoch ms, Redis' clock). */
  readonly enteredAt: number;
}

/** A failure that may end the portrait. */
export interface Failure {
  readonly code: OutcomeCode;
  readonly message: string;
  /** Whether the portrait was billed, if it ends now. Defaults to the sum of its calls. */
  readonly billed?: Billed;
}

export const EMPTY_RECEIPT: Receipt = {
  session: { generation: 0, exchanges: 0 },
  calls: [],
  providerMs: 0,
  storageFailures: 0,
};

/** Returns the present calls, in the order of their steps. */
export function presentCalls({ calls }: Pick<Receipt, "calls">): readonly Call[] {
  return calls.filter(isPresent);
}

/** Returns the present call of a step. */
export function callOf({ calls }: Pick<Receipt, "calls">, step: number): Call | undefined {
  return calls.findLast((call) => call.step === step && isPresent(call));
}

/** Returns the present call of the latest step that has one. */
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
 * True if a picture of the step's call was seen, but not the end of its answer, so that a newer picture may follow.
 * False if another call or a newer session follows, because the call is then over.
 */
export function mayBeDraft(receipt: Receipt, step: number): boolean {
  const last = lastCall(receipt);
  if (last?.step !== step || !hasLink(last) || last.outputs?.finished === true) return false;
  return last.generation === receipt.session.generation;
}

export function parseReceipt(text: string): Receipt {
  return text === "" ? EMPTY_RECEIPT : (JSON.parse(text) as Receipt);
}
