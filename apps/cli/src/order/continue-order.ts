import { budgetForAll, isAllDelivered, isDarkroomError, usdText, type BatchStatus } from "@darkroom/core";
import type { OverlappingBatch, SubmittedBatch } from "../api/api-views.ts";
import { batchJson } from "../text/batch-json.ts";
import { reportPlace, statusText } from "../text/batch-line.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { followBatch, type Followed } from "../follow/follow-batch.ts";
import { namedPortraits } from "../text/named-portraits.ts";
import type { Invocation } from "../run-command.ts";
import { budgetMove, goesOnText, mayGoOn, pausedByBudgetText, undecidedText, type Met } from "./same-order.ts";
import type { Session } from "../local-stack/session.ts";
import type { PreparedBatch } from "./submit-batch.ts";
import { submitOrAsk } from "./submit-or-ask.ts";

/** The result of continuing an order's batches. */
export interface Continued {
  /** Exit code, if the command ends with these batches. */
  readonly ended: ExitCode | undefined;
  /** All continued batches, as they ended. */
  readonly batches: readonly BatchStatus[];
}

/**
 * Continues batches of the same order, one after the other: those that wait for the user, then stopped ones. The
 * command ends at the first batch that does not complete, because failed portraits must not be paid for again without
 * the user's consent.
 *
 * @param asks true if the user must confirm before a stopped batch continues
 */
export async function continueOrder(
  invocation: Invocation,
  session: Session,
  {
    undecided,
    stopped,
    provider,
    asks,
  }: Pick<Followed, "provider"> & Pick<Met, "undecided" | "stopped"> & { asks: boolean },
): Promise<Continued> {
  const { terminal } = invocation;
  const batches: BatchStatus[] = [];
  for (const met of [...undecided, ...stopped]) {
    const isUndecided = undecided.includes(met);
    terminal.note(isUndecided ? undecidedText(met) : goesOnText(met));
    const batch = statusOf(met);
    if (asks && !isUndecided && !(await mayGoOn(invocation))) {
      await show(invocation, session, batch);
      terminal.note(
        `It waits for you. Continue with: darkroom watch ${batch.id}, or end it with: darkroom cancel ${batch.id}`,
      );
      return { ended: EXIT.waitsForPerson, batches };
    }
    const ended = await followBatch(invocation, session, { batch, provider, isOrder: true, isFirstPart: true });
    if (ended !== EXIT.ok) {
      if (ended === EXIT.completedWithFailures) terminal.note(FAILED);
      return { ended, batches };
    }
    batches.push(await session.client.status(batch.id));
  }
  return { ended: undefined, batches };
}

/** The result of raising the budgets of an order's batches. */
export interface Raised {
  /** Exit code, if the command ends with these batches. */
  readonly ended: ExitCode | undefined;
  /** Batches whose budget was raised, so that they continue. */
  readonly batches: readonly OverlappingBatch[];
}

/**
 * Offers to raise the budget of batches that are paused by their budget, if the same order has a higher budget. A
 * budget covers the whole order. Without a higher budget, nothing is submitted, because a new batch would spend the
 * same budget again.
 */
export async function raiseBudgets(
  invocation: Invocation,
  session: Session,
  { pausedByBudget, maxCostUsd }: { pausedByBudget: readonly OverlappingBatch[]; maxCostUsd: number | undefined },
): Promise<Raised> {
  const { terminal } = invocation;
  const batches: OverlappingBatch[] = [];
  for (const met of pausedByBudget) {
    terminal.note(pausedByBudgetText(met));
    const move = budgetMove(met, maxCostUsd);
    const raised = `darkroom resume ${met.id} --max-cost`;
    const enough = budgetForAll(met)?.toFixed(2) ?? "<usd>";
    if (
      move === "raise" &&
      maxCostUsd !== undefined &&
      (await mayGoOn(invocation, `Raise its budget to ${usdText(maxCostUsd)} and continue?`))
    ) {
      await session.client.move(met.id, "resume", { maxCostUsd, revision: met.revision });
      batches.push({ ...met, ...(await session.client.status(met.id)) });
      continue;
    }
    await show(invocation, session, statusOf(met));
    terminal.note(
      move === "raise"
        ? `Nothing is submitted. Raise its budget and continue with: ${raised} ${maxCostUsd}, or end it with: darkroom cancel ${met.id}`
        : `A budget is for the whole order, and nothing is submitted. Give a --max-cost above it (or: ${raised} ${enough}), or end the batch with: darkroom cancel ${met.id}`,
    );
    return { ended: EXIT.waitsForPerson, batches };
  }
  return { ended: undefined, batches };
}

/** Returns the batch without the fields of the overlap. */
function statusOf(met: OverlappingBatch): BatchStatus {
  const { sameOrder: _, inFlight: __, ...batch } = met;
  return batch;
}

const FAILED =
  "The order is not submitted again, so that failed portraits are not paid twice. For new photos, give the same command once more.";

/**
 * Submits the rest of an order. The order's budget covers all its batches, so the new batch gets the amount that
 * earlier ones have not spent. The new batch has no pilot if an earlier batch has completed, because the user has
 * already seen results.
 *
 * @returns undefined if a quote finds no undelivered photo, or if the budget covers no further portrait; the last batch
 *   is then shown
 */
export async function submitRest(
  invocation: Invocation,
  session: Session,
  { submission, upload }: PreparedBatch,
  before: readonly BatchStatus[],
): Promise<SubmittedBatch | undefined> {
  const last = before.at(-1);
  if (last === undefined) return await submitOrAsk(invocation, session, { submission, upload });
  if (isAllDelivered(await session.client.quote(submission, upload))) {
    await show(invocation, session, last);
    invocation.terminal.note("Every photo of this order is delivered. This command submits no further batch.");
    return undefined;
  }
  const { pilot: _, maxCostUsd, ...unlimited } = submission;
  if (maxCostUsd === undefined) {
    return await submitOrAsk(invocation, session, { submission: unlimited, upload });
  }
  const leftUsd = budgetLeft(maxCostUsd, before);
  try {
    const rest = { ...unlimited, maxCostUsd: leftUsd };
    if (leftUsd > 0) return await submitOrAsk(invocation, session, { submission: rest, upload });
  } catch (error) {
    if (!isDarkroomError(error, "invalid_input") || error.field !== "maxCostUsd") throw error;
  }
  await show(invocation, session, last);
  invocation.terminal.note(
    `The budget of ${usdText(maxCostUsd)} is for the whole order, and ${usdText(Math.max(0, leftUsd))} of it is left: not enough for a new photo.`,
  );
  return undefined;
}

/** Returns the unspent part of an order's budget after its earlier batches, in USD. */
export function budgetLeft(maxCostUsd: number, before: readonly Pick<BatchStatus, "costUsd" | "lostUsd">[]): number {
  const spent = before.reduce((sum, { costUsd, lostUsd }) => sum + costUsd + lostUsd, 0);
  return Math.round((maxCostUsd - spent) * 1e6) / 1e6;
}

async function show({ terminal }: Invocation, { client }: Session, status: BatchStatus): Promise<void> {
  const report = reportPlace(status, client.url);
  if (terminal.json) terminal.data(batchJson(status, report));
  else terminal.say(statusText(status, report, await namedPortraits(client, status)));
}
