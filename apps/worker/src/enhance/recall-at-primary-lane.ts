import { EMPTY_RECEIPT, type StepPrices, answersOf, sessionId, stepPricesUsd, sumOfSteps } from "@darkroom/core";
import type { Claimed, WorkerContext } from "../run/worker-context.ts";
import { EndRun } from "../run/run-ending.ts";
import type { Prepared } from "../prepare/prepare.ts";
import { countForgotten, LOOKS_WHEN_UNSURE } from "./recall-turn.ts";
import { intendedTurn, promptOf, receiptAtIntent, stepMicroUsd, type ReceiptBox } from "./receipt-box.ts";

/**
 * A portrait that came to its batch's fallback without a receipt, where Redis may have forgotten one: the first lane's
 * provider may have been called for it. Its memory is asked before anything is paid here (P3). What it has made is its
 * own to finish; where it cannot tell, what is paid from here on may be paid for the second time, and the receipt says so.
 */
export async function askFirstProvider(
  context: WorkerContext,
  claimed: Claimed,
  prepared: Prepared,
  box: ReceiptBox,
): Promise<void> {
  const { spec, round, signal } = claimed;
  if (!claimed.diverted || box.current.firstIntentAt !== undefined || box.current.maybeBilled) return;
  if (claimed.recoveries === 0 && !(await context.continuity.mayHaveForgotten(spec.createdAt))) return;
  const first = context.providerOf(spec.lane);
  // The recipe names the provider of the batch's own lane.
  const ofFirst = stepPricesUsd(prepared.recipe, spec.prices);
  const answer =
    first?.remembers === true
      ? await first.recall(
          {
            sessionId: sessionId(spec.id, prepared.order.identity, 0, round),
            prompt: promptOf(prepared.recipe, 0, EMPTY_RECEIPT),
            turnsBefore: 0,
            answers: answersOf(prepared.recipe),
          },
          signal,
        )
      : undefined;
  if (first !== undefined && answer?.kind === "found") {
    const there = { ...prepared, stepPricesUsd: ofFirst };
    const seen = receiptAtIntent(box.current, claimed, { lane: spec.lane, remembers: true }, there, 0);
    const turn = { ...intendedTurn(there, 0, 0), looks: LOOKS_WHEN_UNSURE };
    throw new EndRun({ kind: "elsewhere", lane: spec.lane, receipt: { ...seen, turns: [turn] } });
  }
  // Only an exchange that ended without a picture is known to have cost nothing.
  if (answer?.kind === "finished_without_output") return;
  // It may be the fallback's call that was forgotten: one of the two, and nobody knows which.
  const calls = dearer(ofFirst, prepared.stepPricesUsd);
  countForgotten(
    context,
    claimed,
    box,
    calls.map((_, step) => stepMicroUsd(calls, step)),
  );
}

function dearer(one: StepPrices, other: StepPrices): StepPrices {
  const [ofOne, ofOther] = [sumOfSteps(one), sumOfSteps(other)];
  return ofOne === undefined || (ofOther !== undefined && ofOne >= ofOther) ? one : other;
}
