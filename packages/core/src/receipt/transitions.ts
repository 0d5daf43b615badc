import type { Order } from "../batch/portrait-identity.ts";
import { MICRO } from "../money/micro-usd.ts";
import type { StepPrices } from "../money/prices.ts";
import { buildPrompt } from "../recipe/prompt.ts";
import type { Recipe } from "../recipe/recipe.ts";
import type { Billed } from "../report/outcome.ts";
import { atPrice, withoutPaid, withPaid } from "./receipt-money.ts";
import { isOpenTurn, withMaybe, withoutMaybe, type Receipt, type Turn } from "./receipt.ts";

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

/** Returns the receipt with turn `step` replaced, or taken out with all that follow. */
export function withTurn(receipt: Receipt, step: number, turn: Turn | undefined): Receipt {
  const turns = receipt.turns.slice(0, step);
  return { ...receipt, turns: turn === undefined ? turns : [...turns, turn] };
}

/** Returns the receipt with the exchanges of its session counted anew: remembered refused calls are among them. */
export function withExchanges(receipt: Receipt, exchanges: number): Receipt {
  const { refusedCalls: _, ...rest } = receipt;
  return { ...rest, exchanges };
}

/** What a step's call costs, in micro-USD. @returns undefined where it has no price */
export function stepMicroUsd(stepPricesUsd: StepPrices, step: number): number | undefined {
  const usd = stepPricesUsd[step];
  return usd === undefined ? undefined : Math.round(usd * MICRO);
}

/**
 * Returns a turn as it is written before its call.
 *
 * @param now epoch ms, Redis' clock
 */
export function intendedTurn(
  { stepPricesUsd }: Pick<OrderedCall, "stepPricesUsd">,
  step: number,
  generation: number,
  now: number,
): Turn {
  const microUsd = stepMicroUsd(stepPricesUsd, step);
  return { intentAt: now, generation, ...(microUsd === undefined ? {} : { microUsd }) };
}

/** Returns the receipt as a step's call leaves it but for its turn: whose portrait it is, and what the call costs. */
export function orderedFor(receipt: Receipt, call: OrderedCall, step: number, now: number): Receipt {
  const { round, lane, remembers, fingerprint, order, stepPricesUsd } = call;
  return {
    ...atPrice(receipt, stepMicroUsd(stepPricesUsd, step)),
    round,
    ...(lane === undefined ? {} : { lane }),
    firstIntentAt: receipt.firstIntentAt ?? now,
    fingerprint,
    order,
    steps: stepPricesUsd.length,
    ...(remembers ? {} : { forgets: true }),
  };
}

/** Returns the receipt as it is written before a step's call. */
export function intended(receipt: Receipt, call: OrderedCall, step: number, now: number): Receipt {
  return withTurn(orderedFor(receipt, call, step, now), step, intendedTurn(call, step, receipt.generation, now));
}

/**
 * Returns the receipt after a call that did not arrive, or was refused before anything was made of it. Where it was the
 * first one, no provider has been called for the portrait, and any lane may have it. Whose order it was stays: it says
 * whose session the exchanges are of. A call that has shown a picture did arrive, and stays.
 *
 * @param prior the receipt before the call's intent
 */
export function withoutCall(receipt: Receipt, prior: Receipt, step: number): Receipt {
  if (receipt.turns[step]?.outputUrl !== undefined) return receipt;
  // An earlier turn of this step whose answer is not known.
  const unsure = prior.turns[step];
  const next = withTurn(receipt, step, unsure);
  if (prior.firstIntentAt !== undefined || unsure !== undefined || receipt.paidTurns > prior.paidTurns) return next;
  const {
    round: _,
    lane: __,
    firstIntentAt: ___,
    fingerprint: ____,
    callMicroUsd: _____,
    authorizedMicroUsd: ______,
    steps: _______,
    forgets: ________,
    ...kept
  } = next;
  return kept;
}

/** A picture of a turn that was seen, and what came with it. */
export interface SeenOutput {
  readonly url: string;
  /** Links of the further pictures. */
  readonly variations?: readonly string[] | undefined;
  readonly knownSubjects?: Readonly<Record<string, number>> | undefined;
}

/**
 * Returns the receipt with a paid picture's URL; a turn counts as paid once, whichever of its pictures comes last.
 *
 * @returns the same receipt where it has the URL already
 */
export function withOutput(
  receipt: Receipt,
  step: number,
  { url, variations, knownSubjects }: SeenOutput,
  now: number,
): Receipt {
  const turn = receipt.turns[step];
  if (turn?.outputUrl === url) return receipt;
  const isFirst = turn?.outputUrl === undefined;
  const before = withoutMaybe(receipt, step);
  const next = withTurn(isFirst ? withPaid(before, turn) : before, step, {
    ...keptOf(receipt, turn, now),
    outputUrl: url,
    outputAt: now,
    ...(variations === undefined ? {} : { variationUrls: variations }),
    ...(knownSubjects === undefined ? {} : { knownSubjects }),
  });
  return { ...next, exchanges: receipt.exchanges + (isFirst ? 1 : 0) };
}

/**
 * Returns the receipt with a paid turn whose pictures came within the answer. They are in one process alone: should it
 * die before they are stored, they are lost, and the receipt says that they may have to be paid again.
 */
export function withPictures(receipt: Receipt, step: number, now: number): Receipt {
  const turn = receipt.turns[step];
  const isFirst = turn?.outputUrl === undefined;
  const paid = isFirst ? withPaid(receipt, turn) : receipt;
  const next = withTurn(paid, step, { ...keptOf(receipt, turn, now), outputAt: now });
  return { ...next, exchanges: receipt.exchanges + (isFirst ? 1 : 0) };
}

/** Returns the receipt with the places where the pictures of its last turn are kept; they were counted as paid before. */
export function withKept(receipt: Receipt, [outputUrl, ...variationUrls]: readonly string[]): Receipt {
  const turn = receipt.turns.at(-1);
  if (turn === undefined || outputUrl === undefined) return receipt;
  const kept = { ...turn, outputUrl, finished: true, ...(variationUrls.length === 0 ? {} : { variationUrls }) };
  return { ...receipt, turns: receipt.turns.with(-1, kept) };
}

/** What a turn keeps when its picture is seen. */
function keptOf(receipt: Receipt, turn: Turn | undefined, now: number): Turn {
  return {
    intentAt: turn?.intentAt ?? now,
    generation: turn?.generation ?? receipt.generation,
    ...(turn?.microUsd === undefined ? {} : { microUsd: turn.microUsd }),
  };
}

/** Returns the receipt with a turn whose answer came to its end: its picture is the last one. */
export function finished(receipt: Receipt, step: number): Receipt {
  const turn = receipt.turns[step];
  return turn === undefined ? receipt : { ...receipt, turns: receipt.turns.with(step, { ...turn, finished: true }) };
}

/**
 * Returns the receipt after a turn was refused. It cost nothing, unless its answer was paid and is of no use, or the
 * provider had shown a picture before: then nobody knows.
 */
export function refusedTurn(receipt: Receipt, step: number, billed: Billed): Receipt {
  const turn = receipt.turns[step];
  if (turn === undefined) return receipt;
  if (billed === "no") return withTurn(receipt, step, undefined);
  if (billed === "yes") {
    if (!isOpenTurn(turn)) return receipt;
    return withTurn(withPaid(receipt, turn), step, undefined);
  }
  if (isOpenTurn(turn)) return withMaybe(receipt, step);
  const { outputUrl: _, outputAt: __, ...open } = turn;
  return withMaybe(withTurn(withoutPaid(receipt, turn), step, open), step);
}

/** The words of a turn: the step's prompt, or the answer to what the agent asked in this step. */
export function promptOf(recipe: Recipe, step: number, { clarifiedStep, clarifiedWith }: Receipt): string {
  const answer = clarifiedStep === step ? (clarifiedWith ?? recipe.clarificationAnswer) : undefined;
  return answer ?? buildPrompt(recipe, step);
}
