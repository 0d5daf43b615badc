import type { Order } from "../batch/portrait-identity.ts";
import type { Billed, OutcomeCode } from "../report/outcome.ts";
import { hasLink, isPresent, mayBePaid, type Call } from "./call.ts";

/**
 * What a portrait has been through so far: its order, the provider's session, and its calls. It is in the ledger from the first
 * intent until the portrait is settled (P3). What it has cost and how often it failed are sums over `calls`; see `moneyOf`
 * and `attemptsOf`.
 */
export interface Receipt {
  /** The batch's round in which the provider was first called; its recipe holds until the portrait ends. Absent: 0. */
  readonly round?: number;
  /** The lane whose provider was called; the portrait stays with it until it ends. Absent: the batch's own. */
  readonly lane?: string;
  /** The provider that was called can be asked for nothing: a call without an answer is paid again. */
  readonly forgets?: boolean;
  /** How many steps its recipe has. Absent: no provider was called. */
  readonly steps?: number;
  /** When the first call was intended (epoch ms), for the bound on waiting. Absent: no provider was called. */
  readonly firstIntentAt?: number;
  /** What the result will be marked with: kept from the first intent on, in case the source changes or goes. */
  readonly fingerprint?: string;
  /** Whose order it is: a receipt counts for nobody else, wherever it is found (P11). There from the first intent on. */
  readonly order?: Order;
  /** With a budget: what was authorized for the portrait at its last intent, its calls before included (micro-USD). */
  readonly authorizedMicroUsd?: number;
  /** Its pictures are those that an earlier round paid for and lost: what that round has booked for them. */
  readonly found?: FoundPicture;
  /** What the provider's memory is asked with. It says nothing about money. */
  readonly session: Session;
  /** In the order of their intents. */
  readonly calls: readonly Call[];
  /** Time spent waiting for the provider so far. */
  readonly providerMs: number;
  /** Times that the object store failed this portrait. */
  readonly storageFailures: number;
  /** Sentences for the outcome's warnings. */
  readonly notes?: readonly string[];
  /** The account has refused it, lately or often. */
  readonly refused?: Refusals;
  /** The last failure, for the outcome when attempts run out. */
  readonly lastFailure?: Failure;
  /** Why it was last put off, for people to read: the store, the result's address, a provider that cannot be reached or an internal fault. */
  readonly lastTrouble?: string;
}

/** The provider's session of a portrait. */
interface Session {
  /** Sessions that the provider lost; see core's `sessionId`. */
  readonly generation: number;
  /** Exchanges of the present session that are over, as far as is known. */
  readonly exchanges: number;
  /** Calls refused since these were counted: the provider may remember each as one more, without a picture. Absent: 0. */
  readonly refusedCalls?: number;
  /** The step in which a question was answered, and what the answer was. */
  readonly clarified?: { readonly step: number; readonly answer: string };
}

/** What an earlier round has booked as lost for pictures that were found after all. */
export interface FoundPicture {
  /** Null where one of the calls had no price. */
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
  /** Between each two of them the account has answered another portrait. */
  readonly times: number;
  /** When the last refused call passed the gate (epoch ms, Redis' clock). */
  readonly enteredAt: number;
}

/** A failure that may end the portrait. */
export interface Failure {
  readonly code: OutcomeCode;
  readonly message: string;
  /** What the portrait has cost if it ends now. Absent: what its calls say. */
  readonly billed?: Billed;
}

export const EMPTY_RECEIPT: Receipt = {
  session: { generation: 0, exchanges: 0 },
  calls: [],
  providerMs: 0,
  storageFailures: 0,
};

/** The call of each step that has one, in the order of the steps. */
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

/** Whether every step has its picture, with a link. */
export function isWhole(receipt: Pick<Receipt, "calls" | "steps">): boolean {
  return presentCalls(receipt).length >= (receipt.steps ?? 1) && hasLink(lastCall(receipt));
}

/** Whether a present call was paid, or may have been. */
export function isBought(receipt: Receipt): boolean {
  return presentCalls(receipt).some((call) => call.outputs !== undefined || mayBePaid(call));
}

/**
 * Whether a picture of the step's call was seen and the end of its answer was not: a newer one may have followed. A call that
 * another follows, or that a newer session goes on from, is over.
 */
export function mayBeDraft(receipt: Receipt, step: number): boolean {
  const last = lastCall(receipt);
  if (last?.step !== step || !hasLink(last) || last.outputs?.finished === true) return false;
  return last.generation === receipt.session.generation;
}

export function parseReceipt(text: string): Receipt {
  return text === "" ? EMPTY_RECEIPT : (JSON.parse(text) as Receipt);
}
