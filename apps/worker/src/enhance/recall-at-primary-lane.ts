import {
  answersOf,
  EMPTY_RECEIPT,
  intendedTurn,
  orderedFor,
  promptOf,
  sessionId,
  stepMicroUsd,
  stepPricesUsd,
  sumOfSteps,
  type StepPrices,
} from "@darkroom/core";
import type { RecallAnswer } from "@darkroom/provider-kit";
import { serverNow } from "@darkroom/redis-kit";
import { orderedCall, type PreparedRun } from "../run/portrait-run.ts";
import { countForgotten, LOOKS_WHEN_UNSURE } from "./forgotten-calls.ts";

/**
 * A portrait that came to its batch's fallback without a receipt, where Redis may have forgotten one: the first lane's
 * provider may have been called for it. Its memory is asked before anything is paid here (P3). What it has made is its
 * own to finish; where it cannot tell, what is paid from here on may be paid for the second time, and the receipt says so.
 */
export async function recallAtPrimaryLane(run: PreparedRun): Promise<void> {
  const { claim, receipt, prepared } = run;
  const { spec } = claim;
  if (!claim.diverted || receipt.firstIntentAt !== undefined || receipt.maybeBilled) return;
  if (!(await run.mayBeBehind())) return;
  // The recipe names the provider of the batch's own lane.
  const ofFirst = stepPricesUsd(prepared.recipe, spec.prices);
  const answer = await askFirst(run);
  if (answer?.kind === "found") {
    const { lane: _, ...call } = orderedCall(run);
    const there = { ...call, remembers: true, stepPricesUsd: ofFirst };
    const turn = { ...intendedTurn(there, 0, 0, serverNow()), looks: LOOKS_WHEN_UNSURE };
    const seen = { ...orderedFor(receipt, there, 0, serverNow()), turns: [turn] };
    throw run.endWith({ receipt: seen, ending: { kind: "elsewhere", lane: spec.lane } });
  }
  // Only an exchange that ended without a picture is known to have cost nothing.
  if (answer?.kind === "finished_without_output") return;
  // It may be the fallback's call that was forgotten: one of the two, and it cannot be known which.
  const calls = dearer(ofFirst, prepared.stepPricesUsd);
  countForgotten(
    run,
    calls.map((_, step) => stepMicroUsd(calls, step)),
  );
}

/** What the first lane's memory says. @returns undefined where it cannot be asked */
async function askFirst({ context, claim, prepared, signal }: PreparedRun): Promise<RecallAnswer | undefined> {
  const { spec, round } = claim;
  const first = context.providerOf(spec.lane);
  if (first?.remembers !== true) return undefined;
  const request = {
    sessionId: sessionId(spec.id, prepared.order.identity, 0, round),
    prompt: promptOf(prepared.recipe, 0, EMPTY_RECEIPT),
    turnsBefore: 0,
    answers: answersOf(prepared.recipe),
  };
  return await first.recall(request, signal);
}

function dearer(one: StepPrices, other: StepPrices): StepPrices {
  const [ofOne, ofOther] = [sumOfSteps(one), sumOfSteps(other)];
  return ofOne === undefined || (ofOther !== undefined && ofOne >= ofOther) ? one : other;
}
