import { callOf, incurredMicroUsd, intended, type Receipt } from "@darkroom/core";
import { serverNow } from "@darkroom/redis-kit";
import { orderedCall, type PreparedRun } from "../run/portrait-run.ts";
import { linksOf, type Enhanced } from "./enhanced-pictures.ts";
import { recallCall } from "./recall-call.ts";

export type Intent =
  /** The call may be made. `prior` is the receipt without the intent. */
  | { readonly kind: "intended"; readonly prior: Receipt }
  /** The answer of an earlier call of this step was recalled. */
  | { readonly kind: "found"; readonly enhanced: Enhanced };

/**
 * Writes the intent of a call that has passed the gate. If an earlier call of the step is unanswered, recalls it once
 * more right before the call: an answer that arrived during the gate, the upload or the Redis call is then not paid
 * again (P3). Leaves the gate when no call follows.
 */
export async function writeIntent(run: PreparedRun, step: number): Promise<Intent> {
  const withIntent = (receipt: Receipt): Receipt => intended(receipt, orderedCall(run), step, serverNow());
  const { stepPricesUsd } = run.prepared;
  let follows = false;
  try {
    const before = run.receipt;
    const unsure = callOf(before, step);
    const written = withIntent(before);
    await run.writeIntent(written, stepPricesUsd);
    if (unsure === undefined) {
      follows = true;
      return { kind: "intended", prior: before };
    }
    const { authorizedMicroUsd } = run.receipt;
    // If the recall ends the run, no call was made, so the receipt must stay unchanged.
    run.receipt = before;
    const seenThere = await recallCall(run, unsure);
    const enhanced = linksOf(callOf(run.receipt, step));
    if (enhanced !== undefined) return { kind: "found", enhanced };
    const prior = run.receipt;
    // Keeps the time of the first intent, because it identifies a lost claim.
    const again = { ...withIntent(prior), firstIntentAt: written.firstIntentAt ?? serverNow() };
    const isWritten = seenThere === "nothing_yet" && incurredMicroUsd(again) <= incurredMicroUsd(written);
    if (isWritten) run.receipt = authorizedMicroUsd === undefined ? again : { ...again, authorizedMicroUsd };
    else await run.writeIntent(again, stepPricesUsd);
    follows = true;
    return { kind: "intended", prior };
  } finally {
    if (!follows) await run.lane.gate.leave(run.claim.token);
  }
}
