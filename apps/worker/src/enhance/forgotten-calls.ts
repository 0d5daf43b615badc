import { callsLeft, intendedCall, withForgotten, type Call } from "@darkroom/core";
import { serverNow } from "@darkroom/redis-kit";
import type { PortraitRun, PreparedRun } from "../run/portrait-run.ts";
import { RunEnded } from "../run/run-ending.ts";

/** Number of recalls of a call that may not have reached the provider. After that, the call is sent again. */
export const RECALLS_WHEN_UNSURE = 2;

/**
 * Returns a call that Redis may have lost, so that the run recalls that call before it pays for another. One recall is
 * enough: if the call is still running, the provider answers SESSION_BUSY. A provider without a memory cannot be
 * queried, so this step and later ones are recorded as possibly paid twice.
 */
export async function forgottenCall(run: PreparedRun, step: number): Promise<Call | undefined> {
  if (!(await run.mayBeBehind())) return undefined;
  const { stepPricesUsd } = run.prepared;
  const callOfStep = (each: number): Call =>
    intendedCall(run.prepared, each, run.receipt.session.generation, serverNow());
  if (!run.lane.provider.remembers) {
    countForgotten(run, stepPricesUsd.map((_, each) => callOfStep(each)).slice(step));
    return undefined;
  }
  // A run that may not pay waits until a lost call must have ended. That call was made before the recovery.
  const { asksOnly, recoveredAt } = run.claim;
  const at = asksOnly && recoveredAt > 0 ? recoveredAt : serverNow();
  return { ...callOfStep(step), at, looks: RECALLS_WHEN_UNSURE, counts: "nothing" };
}

/** Records calls that Redis may have lost at a provider without a memory, once for each recovery. */
export function countForgotten(run: PortraitRun, calls: readonly Call[]): void {
  const before = run.receipt;
  const times = Math.max(1, run.claim.recoveries);
  run.receipt = withForgotten(before, Array.from({ length: times }, () => calls).flat());
  if (run.receipt !== before) countAtClaim(run);
}

/**
 * With a budget, the portrait is claimed again, so that the ledger counts the possibly paid calls before it authorizes
 * more. A portrait without attempts left is not called again.
 */
function countAtClaim({ claim: { spec }, receipt, timing }: PortraitRun): void {
  if (spec.control?.maxCostUsd === undefined || callsLeft(receipt, timing.attempts) <= 0) return;
  const message = "counting what may have been paid";
  throw new RunEnded({ kind: "later", reason: "cost_count", delayMs: 0, message });
}
