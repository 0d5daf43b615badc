import { buildPrompt, type Billed, type Recipe } from "@darkroom/core";
import { isOpenTurn, MICRO, withMaybe, withoutMaybe, type Receipt, type Turn } from "@darkroom/ledger";
import type { OutputDetail } from "@darkroom/provider-kit";
import type { Claimed, WorkerContext } from "./context.ts";
import { EndRun } from "./ending.ts";
import type { Prepared } from "./prepare.ts";

/** The receipt in hand; {@link writeReceipt} keeps the ledger's in step. */
export interface ReceiptBox {
  current: Receipt;
}

/** Writes the receipt through, or ends the run when the claim was taken over. */
export async function writeReceipt(
  context: WorkerContext,
  { spec, index, token }: Claimed,
  box: ReceiptBox,
  next: Receipt,
): Promise<void> {
  box.current = next;
  if (!(await context.ledger.writeReceipt(spec.id, index, token, next))) throw new EndRun({ kind: "claim-lost" });
}

/** The receipt with turn `step` replaced, or taken out. */
export function withTurn(receipt: Receipt, step: number, turn: Turn | undefined): Receipt {
  const turns = receipt.turns.slice(0, step);
  return { ...receipt, turns: turn === undefined ? turns : [...turns, turn] };
}

/** The receipt as it is written before a call: whose portrait it is from now on, and what a call costs there. */
export function receiptAtIntent(
  receipt: Receipt,
  { spec, round }: Pick<Claimed, "spec" | "round">,
  lane: string,
  { fingerprint, pricePerTurnUsd }: Pick<Prepared, "fingerprint" | "pricePerTurnUsd">,
): Receipt {
  return {
    ...receipt,
    round,
    ...(lane === spec.lane ? {} : { lane }),
    firstIntentAt: receipt.firstIntentAt ?? Date.now(),
    fingerprint,
    ...(pricePerTurnUsd === undefined ? {} : { callMicroUsd: Math.round(pricePerTurnUsd * MICRO) }),
  };
}

/**
 * The receipt after a call that did not arrive, or was refused before anything was made of it. Where it was the first
 * one, no provider has been called for the portrait, and any lane may have it.
 *
 * @param prior the receipt before the call's intent
 * @param unsure an earlier turn of this step whose answer is not known
 */
export function withoutCall(receipt: Receipt, prior: Receipt, step: number, unsure: Turn | undefined): Receipt {
  const next = withTurn(receipt, step, unsure);
  if (prior.firstIntentAt !== undefined || unsure !== undefined || receipt.paidTurns > prior.paidTurns) return next;
  const { round: _, lane: __, firstIntentAt: ___, fingerprint: ____, callMicroUsd: _____, ...kept } = next;
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
  const first = turn?.outputUrl === undefined ? 1 : 0;
  const generation = turn?.generation ?? box.current.generation;
  const now = Date.now();
  const before = withoutMaybe(box.current, step);
  const next = withTurn(before, step, {
    intentAt: turn?.intentAt ?? now,
    generation,
    outputUrl,
    outputAt: now,
    ...(variations === undefined ? {} : { variationUrls: variations }),
    ...(knownSubjects === undefined ? {} : { knownSubjects }),
  });
  await writeReceipt(context, claimed, box, {
    ...next,
    paidTurns: box.current.paidTurns + first,
    exchanges: box.current.exchanges + first,
  });
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
  const now = Date.now();
  const generation = turn?.generation ?? box.current.generation;
  await writeReceipt(context, claimed, box, {
    ...withTurn(box.current, step, { intentAt: turn?.intentAt ?? now, generation, outputAt: now }),
    paidTurns: box.current.paidTurns + 1,
    exchanges: box.current.exchanges + 1,
  });
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
    return { ...withTurn(receipt, step, undefined), paidTurns: receipt.paidTurns + 1 };
  }
  if (isOpenTurn(turn)) return withMaybe(receipt, step);
  const { outputUrl: _, outputAt: __, ...open } = turn;
  return withMaybe(withTurn({ ...receipt, paidTurns: receipt.paidTurns - 1 }, step, open), step);
}
