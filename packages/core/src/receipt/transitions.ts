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
 * How a receipt changes with a call: its intent, its answer, and its end. What a recall changes is in `recall-transitions.ts`, and
 * what a fault beside the call changes in `trouble-transitions.ts`.
 */

/** What a call is made for, and what it costs. */
export interface OrderedCall {
  /** The batch's round whose recipe it is made with. */
  readonly round: number;
  /** The lane that is called. Absent: the batch's own. */
  readonly lane?: string;
  /** Whether the provider can be asked later what became of the call. */
  readonly remembers: boolean;
  readonly fingerprint: string;
  readonly order: Order;
  /** USD for each step's call, at the lane's provider. */
  readonly stepPricesUsd: StepPrices;
}

/** What a step's call costs, in micro-USD. @returns undefined where it has no price */
function stepMicroUsd(stepPricesUsd: StepPrices, step: number): number | undefined {
  const usd = stepPricesUsd[step];
  return usd === undefined ? undefined : Math.round(usd * MICRO);
}

/**
 * Returns a call as it is written before it is sent.
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

/** Returns the receipt as a call leaves it, but for the call: whose portrait it is, and who was called. */
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
 * Returns the receipt as it is written before a step's call. An earlier call of the step that may have been paid stays so; one
 * that seems never to have arrived cost nothing.
 */
export function intended(receipt: Receipt, ordered: OrderedCall, step: number, now: number): Receipt {
  const before = withCallsOver(receipt, step, ({ status }) => (status === "unclear" ? "given-up" : "free"));
  const call = intendedCall(ordered, step, receipt.session.generation, now);
  return withCall(orderedFor(before, ordered, now), call);
}

/**
 * Returns the receipt after a call that was not sent, or did not arrive: an earlier call of its step is the present one again.
 *
 * @param prior the receipt before the call's intent
 */
export function withUnsentCall(receipt: Receipt, prior: Receipt): Receipt {
  return { ...receipt, calls: prior.calls };
}

/**
 * Returns the receipt after a call that did not arrive, or was refused before anything was made of it. Where it was the
 * first one, no provider has been called for the portrait, and any lane may have it. Whose order it was stays: it says
 * whose session the exchanges are of. A call that has shown a picture did arrive, and stays.
 *
 * @param prior the receipt before the call's intent
 */
export function withoutCall(receipt: Receipt, prior: Receipt, step: number): Receipt {
  if (callOf(receipt, step)?.outputs !== undefined) return receipt;
  const next = withUnsentCall(receipt, prior);
  if (prior.firstIntentAt !== undefined || callOf(prior, step) !== undefined) return next;
  return withoutFields(next, "round", "lane", "firstIntentAt", "fingerprint", "authorizedMicroUsd", "steps", "forgets");
}

/** A picture that was seen, and what came with it. */
export interface SeenOutput {
  readonly url: string;
  /** Links of the further pictures. */
  readonly variations?: readonly string[] | undefined;
  readonly knownSubjects?: Readonly<Record<string, number>> | undefined;
}

/**
 * Returns the receipt with the URL of a step's picture: its call is paid, whichever of its pictures comes last.
 *
 * @returns the same receipt where it has the URL already
 */
export function withOutput(receipt: Receipt, step: number, seen: SeenOutput, now: number): Receipt {
  const { url, variations = [], knownSubjects } = seen;
  if (callOf(receipt, step)?.outputs?.urls[0] === url) return receipt;
  const known = knownSubjects === undefined ? {} : { knownSubjects };
  return withOutputs(receipt, step, { urls: [url, ...variations], at: now, ...known });
}

/**
 * Returns the receipt with a paid call whose pictures came within the answer. They are in one process alone: should it
 * die before they are stored, they are lost, and the receipt says that they may have to be paid again.
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

/** Returns the receipt with the places where the pictures of its last call are kept. */
export function withKept(receipt: Receipt, urls: readonly string[]): Receipt {
  const call = lastCall(receipt);
  if (call?.outputs === undefined || urls.length === 0) return receipt;
  return withCall(receipt, { ...call, outputs: { ...call.outputs, urls, finished: true } });
}

/** Returns the receipt with a call whose answer came to its end: its picture is the last one. */
export function withFinished(receipt: Receipt, step: number): Receipt {
  const call = callOf(receipt, step);
  if (call?.outputs === undefined) return receipt;
  return withCall(receipt, { ...call, outputs: { ...call.outputs, finished: true } });
}

/**
 * Returns the receipt after a call was refused, which is a failed attempt. It cost nothing, unless its answer was paid and is of
 * no use, or the provider had shown a picture before: then nobody knows.
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

/** How a call failed that was sent. */
export interface FailedCall {
  /** The provider had begun to answer. */
  readonly begun: boolean;
  readonly counts: CallCounts;
  /** The provider said that it bills nothing, and no earlier call of the step may have been paid. */
  readonly unpaid: boolean;
  /** It may have been paid, and its provider cannot be asked. */
  readonly unclear: boolean;
}

/** Returns the receipt after a call failed. Its answer may still be found; a picture that it has shown is paid. */
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

/** Returns the receipt after this side ended a call that was sent. */
export function withStoppedCall(receipt: Receipt, step: number, begun: boolean): Receipt {
  const call = callOf(receipt, step);
  return call === undefined || !begun ? receipt : withCall(receipt, { ...call, trace: "stopped" });
}

/** Returns the receipt after the provider asked a question in a step: that cost nothing. */
export function withQuestion(receipt: Receipt, step: number): Receipt {
  return withCallsOver(receipt, step, () => "free");
}

/** Returns the receipt with the answer to the question of a step, which is sent in the same session. */
export function withClarification(receipt: Receipt, step: number, answer: string): Receipt {
  const { session } = receipt;
  return { ...receipt, session: { ...session, clarified: { step, answer }, exchanges: session.exchanges + 1 } };
}

/** Returns the receipt after the provider lost its session: a picture that was seen stays. */
export function withLostSession(receipt: Receipt, step: number): Receipt {
  const kept = callOf(receipt, step)?.outputs === undefined ? withCallsOver(receipt, step, () => "free") : receipt;
  return { ...kept, session: { generation: receipt.session.generation + 1, exchanges: 0 } };
}

/** Returns the receipt with one more refused call, which the provider may remember. */
export function withRefusedCall(receipt: Receipt): Receipt {
  const { session } = receipt;
  return { ...receipt, session: { ...session, refusedCalls: (session.refusedCalls ?? 0) + 1 } };
}

/**
 * Returns the receipt of a portrait whose result is in its place: each of its steps was paid. A call that looks unanswered is one
 * of those steps, and a step without a call is one that Redis has forgotten.
 */
export function withEveryStepPaid(receipt: Receipt, stepPricesUsd: StepPrices, now: number): Receipt {
  return stepPricesUsd.reduce<Receipt>((paid, _, step) => {
    const call = callOf(paid, step) ?? intendedCall({ stepPricesUsd }, step, paid.session.generation, now);
    return call.status === "found" ? paid : withCall(paid, { ...call, status: "answered" });
  }, receipt);
}

/** The receipt of a portrait whose photo was replaced before anything of it was paid for: a new order is made. */
export function withoutOrder(receipt: Receipt): Receipt {
  const kept = withoutFields(receipt, "order", "fingerprint", "firstIntentAt");
  return withCallsOver({ ...kept, session: EMPTY_RECEIPT.session }, 0, () => "free");
}

/**
 * What is left of a receipt that was found under another portrait's index: no picture and no session of it. What was paid
 * for stays with it as what may have been: who it was paid for may find the picture in the provider's memory.
 */
export function disowned(receipt: Receipt): Receipt {
  const bought = receipt.calls.filter(({ status }) => status !== "free" && status !== "found");
  if (bought.length === 0) return EMPTY_RECEIPT;
  const note = "a call for another portrait was found under this one's number; it may have been billed";
  const calls = bought.map(({ step, at, priceMicroUsd }): Call => {
    const price = priceMicroUsd === undefined ? {} : { priceMicroUsd };
    return { step, at, generation: 0, ...price, status: "given-up" };
  });
  return { ...EMPTY_RECEIPT, calls, notes: [...(receipt.notes ?? []), note] };
}

/** The words of a call: the step's prompt, or the answer to what the agent asked in this step. */
export function promptOf(recipe: Recipe, step: number, { session: { clarified } }: Pick<Receipt, "session">): string {
  return clarified?.step === step ? clarified.answer : buildPrompt(recipe, step);
}
