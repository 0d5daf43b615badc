import {
  type Billed,
  MICRO,
  type Receipt,
  type Recipe,
  type StepPrices,
  type Turn,
  atPrice,
  buildPrompt,
  isOpenTurn,
  withMaybe,
  withPaid,
  withoutMaybe,
  withoutPaid,
} from "@darkroom/core";
import type { OutputDetail } from "@darkroom/provider-kit";
import { serverNow } from "@darkroom/redis-kit";
import type { Claimed, WorkerContext } from "../run/worker-context.ts";
import { EndRun } from "../run/run-ending.ts";
import type { Prepared } from "../prepare/prepare.ts";
import { reclaim } from "../claims/reclaim.ts";

/** The receipt in hand; {@link writeReceipt} keeps the ledger's in step. */
export interface ReceiptBox {
  current: Receipt;
}

/**
 * Writes the receipt through, or ends the run when the claim was taken over. A claim that Redis has forgotten, and that
 * nobody has taken since, is taken back once a provider was called: the answer is here.
 */
export async function writeReceipt(
  context: WorkerContext,
  claimed: Claimed,
  box: ReceiptBox,
  next: Receipt,
): Promise<void> {
  const { spec, index, token } = claimed;
  const wasCalled = box.current.firstIntentAt !== undefined;
  box.current = next;
  const write = (): Promise<boolean> => context.ledger.writeReceipt(spec.id, index, token, next);
  if (await write()) return;
  if (wasCalled && (await reclaim(context, claimed, next)) && (await write())) return;
  throw new EndRun({ kind: "claim-lost" });
}

/** The receipt with turn `step` replaced, or taken out. */
export function withTurn(receipt: Receipt, step: number, turn: Turn | undefined): Receipt {
  const turns = receipt.turns.slice(0, step);
  return { ...receipt, turns: turn === undefined ? turns : [...turns, turn] };
}

/** The receipt with the exchanges of its session counted anew: refused calls that are remembered are among them. */
export function withExchanges(receipt: Receipt, exchanges: number): Receipt {
  const { refusedCalls: _, ...rest } = receipt;
  return { ...rest, exchanges };
}

/** What a step's call costs, in micro-USD. @returns undefined where it has no price */
export function stepMicroUsd(stepPricesUsd: StepPrices, step: number): number | undefined {
  const usd = stepPricesUsd[step];
  return usd === undefined ? undefined : Math.round(usd * MICRO);
}

/** A turn as it is written before its call. */
export function intendedTurn(
  { stepPricesUsd }: Pick<Prepared, "stepPricesUsd">,
  step: number,
  generation: number,
): Turn {
  const microUsd = stepMicroUsd(stepPricesUsd, step);
  return { intentAt: serverNow(), generation, ...(microUsd === undefined ? {} : { microUsd }) };
}

/** The receipt as it is written before a step's call: whose portrait it is from now on, and what the call costs there. */
export function receiptAtIntent(
  receipt: Receipt,
  { spec, round }: Pick<Claimed, "spec" | "round">,
  { lane, remembers }: { readonly lane: string; readonly remembers: boolean },
  { fingerprint, order, stepPricesUsd }: Pick<Prepared, "fingerprint" | "order" | "stepPricesUsd">,
  step: number,
): Receipt {
  return {
    ...atPrice(receipt, stepMicroUsd(stepPricesUsd, step)),
    round,
    ...(lane === spec.lane ? {} : { lane }),
    firstIntentAt: receipt.firstIntentAt ?? serverNow(),
    fingerprint,
    order,
    steps: stepPricesUsd.length,
    ...(remembers ? {} : { forgets: true }),
  };
}

/**
 * The receipt after a call that did not arrive, or was refused before anything was made of it. Where it was the first
 * one, no provider has been called for the portrait, and any lane may have it. Whose order it was stays: it says whose
 * session the exchanges are of.
 *
 * @param prior the receipt before the call's intent
 * @param unsure an earlier turn of this step whose answer is not known
 */
export function withoutCall(receipt: Receipt, prior: Receipt, step: number, unsure: Turn | undefined): Receipt {
  const next = withTurn(receipt, step, unsure);
  if (prior.firstIntentAt !== undefined || unsure !== undefined || receipt.paidTurns > prior.paidTurns) return next;
  const {
    round: _,
    lane: __,
    firstIntentAt: ___,
    fingerprint: ____,
    callMicroUsd: _____,
    steps: ______,
    forgets: _______,
    ...kept
  } = next;
  return kept;
}

/** The words of a turn: the step's prompt, or the answer to what the agent asked in this step. */
export function promptOf(recipe: Recipe, step: number, { clarifiedStep, clarifiedWith }: Receipt): string {
  const answer = clarifiedStep === step ? (clarifiedWith ?? recipe.clarificationAnswer) : undefined;
  return answer ?? buildPrompt(recipe, step);
}

/** Writes down a paid picture's URL; a turn counts as paid once, whichever of its pictures comes last. */
export async function recordOutput(
  context: WorkerContext,
  claimed: Claimed,
  box: ReceiptBox,
  step: number,
  outputUrl: string,
  { variations, knownSubjects }: Pick<OutputDetail, "variations" | "knownSubjects"> = {},
): Promise<void> {
  const turn = box.current.turns[step];
  if (turn?.outputUrl === outputUrl) return;
  const isFirst = turn?.outputUrl === undefined;
  const generation = turn?.generation ?? box.current.generation;
  const now = serverNow();
  const before = withoutMaybe(box.current, step);
  const next = withTurn(isFirst ? withPaid(before, turn) : before, step, {
    intentAt: turn?.intentAt ?? now,
    generation,
    ...(turn?.microUsd === undefined ? {} : { microUsd: turn.microUsd }),
    outputUrl,
    outputAt: now,
    ...(variations === undefined ? {} : { variationUrls: variations }),
    ...(knownSubjects === undefined ? {} : { knownSubjects }),
  });
  await writeReceipt(context, claimed, box, {
    ...next,
    exchanges: box.current.exchanges + (isFirst ? 1 : 0),
  });
}

/**
 * Notes that a turn's answer is over. It is not written now, but with whatever is written next: where that never comes,
 * the provider's memory says the same.
 */
export function finishTurn(box: ReceiptBox, step: number): void {
  const turn = box.current.turns[step];
  if (turn === undefined) return;
  box.current = { ...box.current, turns: box.current.turns.with(step, { ...turn, finished: true }) };
}

/**
 * Writes down that a turn was paid whose pictures came within the answer. They are in this process alone: should it die
 * before they are stored, they are lost, and the receipt says that they may have to be paid again.
 */
export async function recordPictures(
  context: WorkerContext,
  claimed: Claimed,
  box: ReceiptBox,
  step: number,
): Promise<void> {
  const turn = box.current.turns[step];
  const now = serverNow();
  const generation = turn?.generation ?? box.current.generation;
  const price = turn?.microUsd === undefined ? {} : { microUsd: turn.microUsd };
  const next = { intentAt: turn?.intentAt ?? now, generation, ...price, outputAt: now };
  await writeReceipt(context, claimed, box, {
    ...withTurn(withPaid(box.current, turn), step, next),
    exchanges: box.current.exchanges + 1,
  });
}

/** Writes down where the pictures of the last turn are kept, which were counted as paid when they came. */
export async function recordKept(
  context: WorkerContext,
  claimed: Claimed,
  box: ReceiptBox,
  [outputUrl, ...variationUrls]: readonly string[],
): Promise<void> {
  const turn = box.current.turns.at(-1);
  if (turn === undefined || outputUrl === undefined) return;
  const kept = { ...turn, outputUrl, finished: true, ...(variationUrls.length === 0 ? {} : { variationUrls }) };
  await writeReceipt(context, claimed, box, { ...box.current, turns: box.current.turns.with(-1, kept) });
}

/**
 * A turn that was refused cost nothing, unless its answer was paid and is of no use, or the provider had shown a picture
 * before: then nobody knows.
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
