import type { Order } from "../batch/portrait-identity.ts";
import type { Billed, OutcomeCode } from "../report/outcome.ts";
import { minus, moneyOf, plus, priceOf } from "./receipt-money.ts";

/**
 * What a portrait has been through so far; lives in the ledger from the first intent until it is settled (P3).
 * A turn is written in this order: intent before the call, output the moment its URL is seen.
 */
export interface Receipt {
  /** The batch's round in which the provider was first called; its recipe holds until the portrait ends. Absent: 0. */
  readonly round?: number;
  /** The lane whose provider was called; the portrait stays with it until it ends. Absent: the batch's own. */
  readonly lane?: string;
  /** The provider that was called can be asked for nothing: a call without an answer is paid again. */
  readonly forgets?: boolean;
  /** Attempts that the provider failed. */
  readonly attempts: number;
  /** Calls in outages that may have been paid and whose answers are lost: no attempts; see `callsLeft`. Absent: 0. */
  readonly outageCalls?: number;
  /** Times that the object store failed this portrait. */
  readonly storageFailures: number;
  /** Sessions that the provider lost; see core's `sessionId`. */
  readonly generation: number;
  /** Time spent waiting for the provider so far. */
  readonly providerMs: number;
  /** Turns that were surely paid. */
  readonly paidTurns: number;
  /** Whether some turn may have been paid without an answer, or was paid again after its pictures were lost. */
  readonly maybeBilled: boolean;
  /** Of the paid turns, those whose pictures were lost on the way. Absent: 0. */
  readonly lostTurns?: number;
  /** Calls that may have been paid without an answer. Absent: 0. */
  readonly maybeCalls?: number;
  /** What the latest call costs, from the price table as it was then (micro-USD). Absent: it had no price. */
  readonly callMicroUsd?: number;
  /**
   * What the paid, the lost and the unclear calls cost, each as it was priced when it was made (micro-USD); null where one
   * of them had no price. Absent: none is counted.
   */
  readonly paidMicroUsd?: number | null;
  readonly lostMicroUsd?: number | null;
  readonly maybeMicroUsd?: number | null;
  /** With a budget: what was authorized for the portrait at its last intent, its calls before included (micro-USD). */
  readonly authorizedMicroUsd?: number;
  /** Its pictures are those that an earlier round paid for and lost: what that round has booked for them. */
  readonly found?: FoundPicture;
  /** How many steps its recipe has. Absent: no provider was called. */
  readonly steps?: number;
  /** Exchanges of the present session that are over, as far as is known. */
  readonly exchanges: number;
  /** Calls refused since these were counted: the provider may remember each as one more, without a picture. Absent: 0. */
  readonly refusedCalls?: number;
  /** The step in which a question was answered, and what the answer was. */
  readonly clarifiedStep?: number;
  readonly clarifiedWith?: string;
  /** When the first call was intended (epoch ms), for the bound on waiting. */
  readonly firstIntentAt?: number;
  /** What the result will be marked with: kept from the first intent on, in case the source changes or goes. */
  readonly fingerprint?: string;
  /** Whose order it is: a receipt counts for nobody else, wherever it is found (P11). There from the first intent on. */
  readonly order?: Order;
  /** Sentences for the outcome's warnings. */
  readonly notes?: readonly string[];
  readonly turns: readonly Turn[];
  /** The account has refused it, lately or often. */
  readonly refused?: Refusals;
  /** The last failure, for the outcome when attempts run out. */
  readonly lastFailure?: { readonly code: OutcomeCode; readonly message: string; readonly billed?: Billed };
  /** What it was put off for last, for people to read: the store, the result's address, a provider that cannot be reached or a fault of ours. */
  readonly lastTrouble?: string;
}

/** What an earlier round has booked as lost for pictures that were found after all. */
export interface FoundPicture {
  /** Null where one of the calls had no price. */
  readonly microUsd: number | null;
  /** The lane that was paid. */
  readonly lane: string;
}

/** How often an account has refused one step of a portrait while it worked for others. */
interface Refusals {
  /** The account's lane. */
  readonly by: string;
  readonly step: number;
  readonly reason: "auth" | "balance";
  /** Between each two of them the account has answered another portrait. */
  readonly times: number;
  /** When the last refused call passed the gate (epoch ms, Redis' clock). */
  readonly enteredAt: number;
}

export interface Turn {
  /** Epoch ms; recorded before the call. */
  readonly intentAt: number;
  /** Times that the provider's memory was asked for a lost answer. */
  readonly looks?: number;
  /** The session's generation that it was sent in. */
  readonly generation: number;
  /**
   * The provider had begun to answer before the call failed, or called the session busy when it was sent again: the work goes
   * on there. Written when the call has ended, so a dead worker leaves none.
   */
  readonly begun?: boolean;
  /** We ended the call while the provider worked on it: it goes on there, or is dropped. */
  readonly stopped?: boolean;
  /** The provider answered that it made no picture and bills nothing; its memory is asked all the same. */
  readonly unpaid?: boolean;
  /**
   * No attempt is to be counted for it: `failed` has counted one when the call failed, and gives it back should its answer be
   * found (see `withFound`). `outage`: it failed in an outage, and costs no attempt. With `lost` its answer is taken for lost
   * at present: see `withLostAnswer`.
   */
  readonly counted?: true | "failed" | "lost" | "outage" | "outage-lost";
  /** It was looked for long enough and may be sent again; it stays here until the next intent takes its place. */
  readonly resend?: boolean;
  readonly outputUrl?: string;
  /** Its answer came to its end: the picture is the last one. Written with whatever is written next; see `mayBeDraft`. */
  readonly finished?: boolean;
  /** URLs of the further pictures of the same call. */
  readonly variationUrls?: readonly string[];
  /** Times that a picture of it could not be fetched. */
  readonly misses?: number;
  /** Digest of what its link gave last, where that could not be used; see the worker's `whoseFault`. */
  readonly faulty?: string;
  /** Its link is the second one: the first failed, and the provider's memory had another. */
  readonly relinked?: boolean;
  /** How often the provider recognised each profile. */
  readonly knownSubjects?: Readonly<Record<string, number>>;
  /** When the output's URL, or the pictures themselves, were seen (epoch ms): the turn is paid. */
  readonly outputAt?: number;
  /** It is counted among the receipt's `maybeCalls`. */
  readonly maybe?: boolean;
  /** What its call costs, from the price table as it was at the intent. Absent: the receipt's `callMicroUsd`. */
  readonly microUsd?: number;
}

export const EMPTY_RECEIPT: Receipt = {
  attempts: 0,
  storageFailures: 0,
  generation: 0,
  providerMs: 0,
  paidTurns: 0,
  maybeBilled: false,
  exchanges: 0,
  turns: [],
};

/** Whether the turn was sent, or may have been, and nothing was seen of an answer. */
export function isOpenTurn({ outputUrl, outputAt }: Turn): boolean {
  return outputUrl === undefined && outputAt === undefined;
}

/** Whether something was paid for with the receipt's order, or may have been. */
export function isBought({ turns }: Receipt): boolean {
  return turns.some((turn) => !isOpenTurn(turn) || mayBePaid(turn));
}

/** The receipt of a portrait whose photo was replaced before anything of it was paid for: a new order is made. */
export function withoutOrder(receipt: Receipt): Receipt {
  const {
    order: _,
    fingerprint: __,
    firstIntentAt: ___,
    refusedCalls: ____,
    clarifiedStep: _____,
    clarifiedWith: ______,
    ...kept
  } = receipt;
  return { ...kept, generation: 0, exchanges: 0, turns: [] };
}

/** Whether the turn may have been paid although nothing was seen of a picture. */
export function mayBePaid(turn: Turn): boolean {
  return isOpenTurn(turn) && turn.unpaid !== true;
}

/**
 * Whether a picture of the turn was seen and the end of its answer was not: a newer one may have followed. A turn that
 * another follows, or that a newer session goes on from, is over.
 */
export function mayBeDraft({ turns, generation }: Receipt, step: number): boolean {
  const turn = turns[step];
  if (turn?.outputUrl === undefined || turn.finished === true) return false;
  return step === turns.length - 1 && turn.generation === generation;
}

/** The receipt with an open turn counted among the calls that may have been paid; once, however often it is said. */
export function withMaybe(receipt: Receipt, step: number): Receipt {
  const turn = receipt.turns[step];
  if (turn === undefined || turn.maybe === true || !isOpenTurn(turn)) return { ...receipt, maybeBilled: true };
  return {
    ...receipt,
    maybeBilled: true,
    maybeCalls: (receipt.maybeCalls ?? 0) + 1,
    maybeMicroUsd: plus(moneyOf(receipt).maybe, priceOf(receipt, turn)),
    turns: receipt.turns.with(step, { ...turn, maybe: true }),
  };
}

/** The same turn's answer was found after all. */
export function withoutMaybe(receipt: Receipt, step: number): Receipt {
  const turn = receipt.turns[step];
  if (turn?.maybe !== true) return receipt;
  const { maybe: _, ...known } = turn;
  const maybeCalls = (receipt.maybeCalls ?? 0) - 1;
  return {
    ...receipt,
    maybeCalls,
    maybeMicroUsd: maybeCalls === 0 ? 0 : minus(moneyOf(receipt).maybe, priceOf(receipt, turn)),
    maybeBilled: maybeCalls > 0 || (receipt.lostTurns ?? 0) > 0,
    turns: receipt.turns.with(step, known),
  };
}

/**
 * The receipt without a turn, and those after it, of which nobody will know more: pictures that were paid are lost, a
 * call without an answer may have been paid. What is done again is paid again.
 */
export function withoutTurns(receipt: Receipt, step: number): Receipt {
  const gone = receipt.turns.slice(step);
  const open = gone.filter((turn) => isOpenTurn(turn) && turn.maybe !== true);
  const lost = gone.filter((turn) => !isOpenTurn(turn));
  const money = moneyOf(receipt);
  return {
    ...receipt,
    maybeBilled: true,
    maybeCalls: (receipt.maybeCalls ?? 0) + open.length,
    maybeMicroUsd: open.reduce((sum, turn) => plus(sum, priceOf(receipt, turn)), money.maybe),
    lostTurns: (receipt.lostTurns ?? 0) + lost.length,
    lostMicroUsd: lost.reduce((sum, turn) => plus(sum, priceOf(receipt, turn)), money.lost),
    turns: receipt.turns.slice(0, step),
  };
}

/**
 * What is left of a receipt that was found under another portrait's index: no picture and no session of it. What was paid
 * for stays with it as what may have been: who it was paid for may find the picture in the provider's memory.
 */
export function disowned(receipt: Receipt): Receipt {
  if (!receipt.maybeBilled && receipt.paidTurns === 0 && receipt.turns.length === 0) return EMPTY_RECEIPT;
  const { paidTurns, maybeBilled, maybeCalls, maybeMicroUsd } = withoutTurns(receipt, 0);
  const paid = moneyOf(receipt).paid;
  const note = "a call for another portrait was found under this one's number; it may have been billed";
  return {
    ...EMPTY_RECEIPT,
    maybeBilled,
    maybeCalls: (maybeCalls ?? 0) + paidTurns,
    maybeMicroUsd: plus(maybeMicroUsd ?? 0, paid),
    notes: [...(receipt.notes ?? []), note],
  };
}

export function parseReceipt(text: string): Receipt {
  return text === "" ? EMPTY_RECEIPT : (JSON.parse(text) as Receipt);
}
