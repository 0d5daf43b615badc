import { confirm, isCancel } from "@clack/prompts";
import { usdText, type Submission } from "@darkroom/core";
import type { OverlappingBatch } from "../api/api-views.ts";
import { progressText, recipeText } from "../text/batch-line.ts";
import { portraitsText } from "../text/portraits-text.ts";
import { Interrupted } from "../exit-codes.ts";
import type { Invocation } from "../run-command.ts";
import type { Session } from "../local-stack/session.ts";
import { isLeft, leftBatchText } from "../follow/standstill.ts";

/** Active batches at the destination of the command's own batch. */
export interface Met {
  /** Batches of the same order that wait for the user's decision, oldest first. */
  readonly undecided: readonly OverlappingBatch[];
  /**
   * Stopped batches of the same order, oldest first. The command continues these batches before it submits a new one.
   */
  readonly stopped: readonly OverlappingBatch[];
  /** Batches of the same order that are paused by their budget, oldest first. */
  readonly pausedByBudget: readonly OverlappingBatch[];
  /** Stopped batches of other orders with portraits in flight, for which the command's own batch waits. */
  readonly waitedFor: readonly OverlappingBatch[];
}

/**
 * Sorts the batches at a destination. A batch that another process works on continues there. A batch of the same order
 * that waits for a decision comes first, because a new batch beside it would spend the order's budget again.
 *
 * @param isAlone true if no other process works on any of them, although a dead process may still count as present
 */
export function sortMet(batches: readonly OverlappingBatch[], isAlone: boolean): Met {
  const left = batches.filter((batch) => (isAlone || isLeft(batch)) && !batch.cancelling);
  const pausedByBudget = left.filter((batch) => batch.sameOrder && isPausedByBudget(batch));
  const undecided = left.filter((batch) => batch.sameOrder && RESTS.includes(batch.state) && !isPausedByBudget(batch));
  const stopped = left.filter(({ sameOrder, state }) => sameOrder && !RESTS.includes(state));
  const own = new Set([...pausedByBudget, ...undecided, ...stopped]);
  const waitedFor = left.filter((batch) => !own.has(batch) && batch.inFlight > 0);
  return { undecided, stopped, pausedByBudget, waitedFor };
}

function isPausedByBudget({ state, pausedBy }: OverlappingBatch): boolean {
  return state === "paused" && pausedBy === "budget";
}

const RESTS: readonly OverlappingBatch["state"][] = ["paused", "awaiting_approval", "awaiting_confirmation"];

/**
 * Finds the active batches at a submission's destination. If other processes do the work, this command handles only
 * batches that wait for the user.
 */
export async function lookAround(
  { client, local }: Pick<Session, "client" | "local">,
  submission: Submission,
): Promise<Met> {
  if (submission.source === undefined) return NONE;
  const { batches } = await client.overlaps(submission);
  if (local === undefined) {
    const { pausedByBudget, undecided } = sortMet(batches, false);
    return { ...NONE, pausedByBudget, undecided };
  }
  // A dead process counts as present for another half a minute.
  return sortMet(batches, local.isAlone());
}

const NONE: Met = { undecided: [], stopped: [], pausedByBudget: [], waitedFor: [] };

/** Describes a stopped batch that the same command continues. */
export function goesOnText(batch: OverlappingBatch): string {
  const { id, inFlight, estimatedCostUsd, costUsd, maxCostUsd } = batch;
  const rest =
    estimatedCostUsd === null ? "" : `; the rest costs about ${usdText(Math.max(0, estimatedCostUsd - costUsd))}`;
  const budget = maxCostUsd === null ? "" : `, of a budget of ${usdText(maxCostUsd)} for the whole order`;
  return (
    `Batch ${id} is the same order and was stopped: ${progressText(batch)}` +
    `${inFlight === 0 ? "" : `, ${portraitsText(inFlight)} in flight`}${rest}${budget}. ` +
    `This command continues it, then enhances new photos. To end it instead: darkroom cancel ${id}`
  );
}

/** Describes a batch of the same order that waits for the user's decision. */
export function undecidedText(batch: OverlappingBatch): string {
  return `Batch ${batch.id} is the same order and waits for you: ${progressText(batch)}. Nothing else is submitted before you have decided.`;
}

/** Describes batches of another order that own results of the new batch. */
export function waitsForText(batch: OverlappingBatch): string {
  const { how, goOn, giveUp } = leftBatchText(batch);
  return (
    `Batch ${batch.id} (${recipeText(batch)}) ${how}. It has ${portraitsText(batch.inFlight)} in flight, which may be paid for; ` +
    `this batch waits for the same results. Continue that batch: ${goOn}, or give it up: ${giveUp}`
  );
}

/** Describes a batch of the same order that is paused by its budget. */
export function pausedByBudgetText(batch: OverlappingBatch): string {
  const { id, costUsd, lostUsd, maybeUsd, maxCostUsd } = batch;
  const maybe = maybeUsd === 0 ? "" : `, and up to ${usdText(maybeUsd)} more for calls whose answer was lost`;
  const budget = maxCostUsd === null ? "" : ` of its budget of ${usdText(maxCostUsd)}`;
  return `Batch ${id} is this order, and its budget has paused it: ${progressText(batch)}, ${usdText(costUsd + lostUsd)}${budget} spent${maybe}.`;
}

/**
 * Compares an order's budget with the budget that paused one of its batches. An order without a budget does not raise
 * the batch's, because omitting a limit does not revoke the limit.
 *
 * @param maxCostUsd the order's budget; undefined for none
 */
export function budgetMove(
  { maxCostUsd: paused }: Pick<OverlappingBatch, "maxCostUsd">,
  maxCostUsd: number | undefined,
): "raise" | "spent" {
  return paused !== null && maxCostUsd !== undefined && maxCostUsd > paused ? "raise" : "spent";
}

/**
 * Asks a yes-or-no question about a batch, if the command was told to confirm before it begins. Returns false without
 * an answer.
 */
export async function mayGoOn({ terminal, signal }: Invocation, message = "Continue it?"): Promise<boolean> {
  if (!terminal.canAsk) return false;
  const { stdin: input, stderr: output } = terminal.streams;
  const yes = await confirm({ message, initialValue: false, input, output, signal });
  if (isCancel(yes)) throw new Interrupted();
  return yes;
}
