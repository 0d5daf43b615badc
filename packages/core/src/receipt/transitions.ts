import type { Order } from "../batch/portrait-identity.ts";
import { MICRO } from "../money/micro-usd.ts";
import type { StepPrices } from "../money/prices.ts";
import { buildPrompt } from "../recipe/prompt.ts";
import type { Recipe } from "../recipe/recipe.ts";
import type { Billed } from "../report/outcome.ts";
import { isCounted } from "./attempts.ts";
import { isOpenCall, type Call, type CallCounts, type Outputs } from "./call.ts";
import { withoutFields, withCall, withCallsOver } from "./change-calls.ts";
import { callOf, EMPTY_RECEIPT, lastCall, type Receipt } from "./receipt.ts";

/*
 * Changes to a receipt by a call: its intent, its answer and its end. `recall-transitions.ts` has those by a recall,
 * and `trouble-transitions.ts` those by other errors.
 */

/** The purpose and price of a call. */
export interface OrderedCall {
  /** The batch's round whose recipe is used. */
  readonly round: number;
  /** The called lane. Absent: the batch's own. */
  readonly lane?: string;
  /** True if the provider has a memory that can be queried about the call. */
  readonly remembers: boolean;
  readonly fingerprint: string;
  readonly order: Order;
  /** Price of each step's call at the lane's provider, in USD. */
  readonly stepPricesUsd: StepPrices;
}

/**
 * Returns the price of a step's call, in micro-USD.
 *
 * @returns undefined if the call has no price
 */
function stepMicroUsd(stepPricesUsd: StepPrices, step: number): number | undefined {
  const usd = stepPricesUsd[step];
  return usd === undefined ? undefined : Math.round(usd * MICRO);
}

/**
 * Creates the call that is written before it is sent.
 *
 * @param now epoch ms, Redis' clock
 */
export function intendedCall(
  { stepPricesUsd }: Pick<OrderedCall, "stepPricesUsd">,
  step: number,
  generation: number,
  now: number,
): Call {
  const priceMicroUsd = stepMicroUsd(stepPricesUsd, step);
  const price = priceMicroUsd === undefined ? {} : { priceMicroUsd };
  return { step, at: now, generation, ...price, status: "intended" };
}

/** Returns the receipt's other fields for a call: the portrait's identity, and the called lane. */
export function orderedFor(receipt: Receipt, ordered: OrderedCall, now: number): Receipt {
  const { round, lane, remembers, fingerprint, order, stepPricesUsd } = ordered;
  return {
    ...receipt,
    round,
    ...(lane === undefined ? {} : { lane }),
    firstIntentAt: receipt.firstIntentAt ?? now,
    fingerprint,
    order,
    steps: stepPricesUsd.length,
    ...(remembers ? {} : { forgets: true }),
  };
}

/**
 * Returns the receipt that is written before a step's call. An earlier call of the step that may have been paid still
 * counts. An earlier call that apparently never arrived cost nothing.
 */
export function intended(receipt: Receipt, ordered: OrderedCall, step: number, now: number): Receipt {
  const before = withCallsOver(receipt, step, ({ status }) => (status === "unclear" ? "given-up" : "free"));
  const call = intendedCall(ordered, step, receipt.session.generation, now);
  return withCall(orderedFor(before, ordered, now), call);
}

/**
 * Returns the receipt after a call that was not sent or did not arrive. An earlier call of its step becomes the present
 * one again.
 *
 * @param prior the receipt before the call's intent
 */
export function withUnsentCall(receipt: Receipt, prior: Receipt): Receipt {
  return { ...receipt, calls: prior.calls };
}

/**
 * Removes a call that did not arrive, or was refused before any work was done. If it was the first call, no provider
 * counts as called, so any lane may process the portrait. Keeps the order, because it identifies the session. Keeps a
 * call with a seen picture, because such a call has arrived.
 *
 * @param prior the receipt before the call's intent
 */
export function withoutCall(receipt: Receipt, prior: Receipt, step: number): Receipt {
  if (callOf(receipt, step)?.outputs !== undefined) return receipt;
  const next = withUnsentCall(receipt, prior);
  if (prior.firstIntentAt !== undefined || callOf(prior, step) !== undefined) return next;
  return withoutFields(next, "round", "lane", "firstIntentAt", "fingerprint", "authorizedMicroUsd", "steps", "forgets");
}

/** A picture that was seen, with its other data. */
export interface SeenOutput {
  readonly url: string;
  /** Links to the variations. */
  readonly variations?: readonly string[] | undefined;
  readonly knownSubjects?: Readonly<Record<string, number>> | undefined;
}

/**
 * Adds the URL of a step's picture. The call is now paid, even if another of its pictures follows.
 *
 * @returns the same receipt if it already contains the URL
 */
export function withOutput(receipt: Receipt, step: number, seen: SeenOutput, now: number): Receipt {
  const { url, variations = [], knownSubjects } = seen;
  if (callOf(receipt, step)?.outputs?.urls[0] === url) return receipt;
  const known = knownSubjects === undefined ? {} : { knownSubjects };
  return withOutputs(receipt, step, { urls: [url, ...variations], at: now, ...known });
}

/**
 * Records a paid call whose pictures came inside the answer. Only one process has the pictures. If that process dies
 * before it stores them, the pictures are lost, and the receipt shows that they may have to be paid for again.
 */
export function withPictures(receipt: Receipt, step: number, now: number): Receipt {
  return withOutputs(receipt, step, { urls: [], at: now });
}

function withOutputs(receipt: Receipt, step: number, outputs: Outputs): Receipt {
  const call = callOf(receipt, step);
  if (call === undefined) return receipt;
  const { at, generation, priceMicroUsd, counts, silences } = call;
  const { session } = receipt;
  const isFirst = call.outputs === undefined || call.outputs.urls.length === 0;
  const answered: Call = {
    step,
    at,
    generation,
    ...(priceMicroUsd === undefined ? {} : { priceMicroUsd }),
    status: call.status === "found" ? "found" : "answered",
    ...(counts === undefined || !isCounted(call) ? {} : { counts }),
    ...(silences === undefined ? {} : { silences }),
    outputs,
  };
  return {
    ...withCall(receipt, answered),
    session: isFirst ? { ...session, exchanges: session.exchanges + 1 } : session,
  };
}

/** Records where the pictures of the last call are kept. */
export function withKept(receipt: Receipt, urls: readonly string[]): Receipt {
  const call = lastCall(receipt);
  if (call?.outputs === undefined || urls.length === 0) return receipt;
  return withCall(receipt, { ...call, outputs: { ...call.outputs, urls, finished: true } });
}

/** Records that a call's answer is complete, so that its picture is final. */
export function withFinished(receipt: Receipt, step: number): Receipt {
  const call = callOf(receipt, step);
  if (call?.outputs === undefined) return receipt;
  return withCall(receipt, { ...call, outputs: { ...call.outputs, finished: true } });
}

/**
 * Records that a call was refused, which is a failed attempt. The call cost nothing, unless its answer was paid and is
 * unusable, or the provider had shown a picture before, so that the cost is unknown.
 */
export function withRefusal(receipt: Receipt, step: number, billed: Billed): Receipt {
  const call = callOf(receipt, step);
  if (call === undefined) return receipt;
  const counted = withCall(receipt, { ...call, counts: "attempt" });
  const isSeen = call.outputs !== undefined;
  switch (billed) {
    case "no":
      return withCallsOver(counted, step, () => (isSeen ? "spent" : "free"));
    case "yes":
      return isSeen ? counted : withCallsOver(counted, step, () => "spent");
    case "maybe":
      return withCall(counted, { ...withoutFields(call, "outputs"), status: "unclear", counts: "attempt" });
  }
  return billed satisfies never;
}

/** The failure of a sent call. */
export interface FailedCall {
  /** The provider had started to answer. */
  readonly begun: boolean;
  readonly counts: CallCounts;
  /** The provider reported that it bills nothing, and no earlier call of the step may have been paid. */
  readonly unpaid: boolean;
  /** The call may have been paid, and its provider cannot be queried. */
  readonly unclear: boolean;
}

/** Records that a call failed. Its answer may still be found. If a picture was seen, the call is paid. */
export function withFailedCall(
  receipt: Receipt,
  step: number,
  { begun, counts, unpaid, unclear }: FailedCall,
): Receipt {
  const call = callOf(receipt, step);
  if (call === undefined) return receipt;
  const status = isOpenCall(call) ? (unclear ? "unclear" : unpaid ? "unpaid" : "intended") : call.status;
  return withCall(receipt, { ...call, status, ...(begun ? { trace: "begun" } : {}), counts });
}

/** Records that this process aborted a call that was sent. */
export function withStoppedCall(receipt: Receipt, step: number, begun: boolean): Receipt {
  const call = callOf(receipt, step);
  return call === undefined || !begun ? receipt : withCall(receipt, { ...call, trace: "stopped" });
}

/** Records that the provider asked a question in a step, which cost nothing. */
export function withQuestion(receipt: Receipt, step: number): Receipt {
  return withCallsOver(receipt, step, () => "free");
}

/** Adds the answer to a step's question, which is sent in the same session. */
export function withClarification(receipt: Receipt, step: number, answer: string): Receipt {
  const { session } = receipt;
  return { ...receipt, session: { ...session, clarified: { step, answer }, exchanges: session.exchanges + 1 } };
}

/** Records that the provider lost the session. A picture that was seen is kept. */
export function withLostSession(receipt: Receipt, step: number): Receipt {
  const kept = callOf(receipt, step)?.outputs === undefined ? withCallsOver(receipt, step, () => "free") : receipt;
  return { ...kept, session: { generation: receipt.session.generation + 1, exchanges: 0 } };
}

/** Counts a refused call, which the provider may remember. */
export function withRefusedCall(receipt: Receipt): Receipt {
  const { session } = receipt;
  return { ...receipt, session: { ...session, refusedCalls: (session.refusedCalls ?? 0) + 1 } };
}

/**
 * Returns the receipt of a portrait whose result is at its destination, where every step counts as paid. An unanswered
 * call belongs to one of those steps, and the call of a step without one was forgotten by Redis.
 */
export function withEveryStepPaid(receipt: Receipt, stepPricesUsd: StepPrices, now: number): Receipt {
  return stepPricesUsd.reduce<Receipt>((paid, _, step) => {
    const call = callOf(paid, step) ?? intendedCall({ stepPricesUsd }, step, paid.session.generation, now);
    return call.status === "found" ? paid : withCall(paid, { ...call, status: "answered" });
  }, receipt);
}

/** Removes the order of a portrait whose photo was replaced before anything was paid, so that a new order is made. */
export function withoutOrder(receipt: Receipt): Receipt {
  const kept = withoutFields(receipt, "order", "fingerprint", "firstIntentAt");
  return withCallsOver({ ...kept, session: EMPTY_RECEIPT.session }, 0, () => "free");
}

/**
 * Returns the usable part of a receipt that was found under another portrait's index: neither pictures nor session. Its
 * paid calls become calls that may have been paid, because the right portrait may still find the picture in the
 * provider's memory.
 */
export function disowned(receipt: Receipt): Receipt {
  const bought = receipt.calls.filter(({ status }) => status !== "free" && status !== "found");
  if (bought.length === 0) return EMPTY_RECEIPT;
  const note = "a call for another portrait was found under this one's index; it may have been billed";
  const calls = bought.map(({ step, at, priceMicroUsd }): Call => {
    const price = priceMicroUsd === undefined ? {} : { priceMicroUsd };
    return { step, at, generation: 0, ...price, status: "given-up" };
  });
  return { ...EMPTY_RECEIPT, calls, notes: [...(receipt.notes ?? []), note] };
}

/** Returns the text of a call: the step's prompt, or the answer to the agent's question in this step. */
export function promptOf(recipe: Recipe, step: number, { session: { clarified } }: Pick<Receipt, "session">): string {
  return clarified?.step === step ? clarified.answer : buildPrompt(recipe, step);
}
