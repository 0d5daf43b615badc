import {
  answersOf,
  EMPTY_RECEIPT,
  intendedCall,
  mayBeBilled,
  orderedFor,
  promptOf,
  sessionId,
  stepPricesUsd,
  sumOfSteps,
  withCall,
  type StepPrices,
} from "@darkroom/core";
import type { RecallAnswer } from "@darkroom/provider-kit";
import { serverNow } from "@darkroom/redis-kit";
import { orderedCall, type PreparedRun } from "../run/portrait-run.ts";
import { countForgotten, RECALLS_WHEN_UNSURE } from "./forgotten-calls.ts";

/**
 * Handles a portrait that reaches its fallback without a receipt although the primary lane's provider may have been
 * called, because Redis may have lost the receipt. Asks that provider's memory first (P3). A picture found there is
 * finished on the primary lane. If the memory has no answer, the receipt records that calls may be paid twice.
 */
export async function recallAtPrimaryLane(run: PreparedRun): Promise<void> {
  const { claim, receipt, prepared } = run;
  const { spec } = claim;
  if (!claim.diverted || receipt.firstIntentAt !== undefined || mayBeBilled(receipt)) return;
  if (!(await run.mayBeBehind())) return;
  // The recipe names the provider of the batch's own lane.
  const ofFirst = stepPricesUsd(prepared.recipe, spec.prices);
  const answer = await askFirst(run);
  if (answer?.kind === "found") {
    const { lane: _, ...ordered } = orderedCall(run);
    const there = { ...ordered, remembers: true, stepPricesUsd: ofFirst };
    const call = { ...intendedCall(there, 0, 0, serverNow()), looks: RECALLS_WHEN_UNSURE };
    const seen = withCall(orderedFor(receipt, there, serverNow()), call);
    throw run.endWith({ receipt: seen, ending: { kind: "elsewhere", lane: spec.lane } });
  }
  // Only an exchange that ended without a picture is known to be free.
  if (answer?.kind === "finished_without_output") return;
  // The fallback may have received the lost call instead. Only one of the two was called, so the higher price is
  // counted.
  const calls = dearer(ofFirst, prepared.stepPricesUsd);
  countForgotten(
    run,
    calls.map((_, step) => intendedCall({ stepPricesUsd: calls }, step, 0, serverNow())),
  );
}

/**
 * Queries the primary lane's memory.
 *
 * @returns undefined when the memory cannot be queried
 */
async function askFirst({ context, claim, prepared, signal }: PreparedRun): Promise<RecallAnswer | undefined> {
  const { spec, round } = claim;
  const first = context.providerOf(spec.lane);
  if (first?.remembers !== true) return undefined;
  const request = {
    sessionId: sessionId(spec.id, prepared.order.identity, 0, round),
    prompt: promptOf(prepared.recipe, 0, EMPTY_RECEIPT),
    exchangesBefore: 0,
    answers: answersOf(prepared.recipe),
  };
  return await first.recall(request, signal);
}

function dearer(one: StepPrices, other: StepPrices): StepPrices {
  const [ofOne, ofOther] = [sumOfSteps(one), sumOfSteps(other)];
  return ofOne === undefined || (ofOther !== undefined && ofOne >= ofOther) ? one : other;
}
