import { callOf, callsLeft, DarkroomError, hasLink, outcomeOf } from "@darkroom/core";
import type { PreparedRun } from "../run/portrait-run.ts";
import { RunEnded } from "../run/run-ending.ts";
import { payStep } from "./call-provider.ts";
import { linksOf, type Enhanced } from "./enhanced-pictures.ts";
import { forgottenCall } from "./forgotten-calls.ts";
import { findLostResult } from "./lost-result.ts";
import { recallAtPrimaryLane } from "./recall-at-primary-lane.ts";
import { recallFinalPicture } from "./recall-final-picture.ts";
import { recallCall } from "./recall-call.ts";

/**
 * Takes the portrait through every step of its recipe, pays for each step once, and returns the result of the last
 * step.
 */
export async function enhance(run: PreparedRun): Promise<Enhanced> {
  await findLostResult(run);
  await recallAtPrimaryLane(run);
  let last: Enhanced | undefined;
  for (let step = 0; step < run.prepared.recipe.steps.length; step += 1) {
    const call = callOf(run.receipt, step) ?? (await forgottenCall(run, step));
    if (call !== undefined && !hasLink(call)) await recallCall(run, call);
    await recallFinalPicture(run, step);
    const found = linksOf(callOf(run.receipt, step));
    if (found === undefined) endWhenUsedUp(run);
    last = found ?? (await payStep(run, step, last));
  }
  if (last === undefined) throw new DarkroomError("internal", "the recipe has no step");
  return last;
}

/** Ends the portrait when no attempts are left and its last answer could not be recalled. */
function endWhenUsedUp({ receipt, timing }: PreparedRun): void {
  const { lastFailure } = receipt;
  if (callsLeft(receipt, timing.attempts) > 0 || lastFailure === undefined) return;
  const { code, message, billed } = lastFailure;
  throw new RunEnded({ kind: "settle", outcome: outcomeOf(receipt, code, message, billed) });
}
