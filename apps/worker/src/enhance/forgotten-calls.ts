import { callsLeft, intendedTurn, stepMicroUsd, withForgotten, type Turn } from "@darkroom/core";
import { serverNow } from "@darkroom/redis-kit";
import type { PortraitRun, PreparedRun } from "../run/portrait-run.ts";
import { RunEnded } from "../run/run-ending.ts";

/** Looks for a turn of which it is not known that it ever arrived. */
export const LOOKS_WHEN_UNSURE = 2;

/**
 * A turn of which the receipt says nothing, where Redis may have forgotten it: it is looked for, too, before it is paid.
 * Once is enough: should it still run, the provider says that the session is busy. A provider that remembers nothing
 * cannot be asked: then what is paid from here on may be paid for the second time, and the receipt says so: of this step
 * and of all after it.
 */
export async function forgottenTurn(run: PreparedRun, step: number): Promise<Turn | undefined> {
  if (!(await run.mayBeBehind())) return undefined;
  const { stepPricesUsd } = run.prepared;
  if (!run.lane.provider.remembers) {
    countForgotten(run, stepPricesUsd.map((_, each) => stepMicroUsd(stepPricesUsd, each)).slice(step));
    return undefined;
  }
  const turn = intendedTurn(run.prepared, step, run.receipt.generation, serverNow());
  return { ...turn, looks: LOOKS_WHEN_UNSURE, counted: true };
}

/**
 * Counts calls that Redis may have forgotten, at a provider that cannot be asked: as often as all of Redis was lost.
 *
 * @param calls the price of each (micro-USD), undefined for one without
 */
export function countForgotten(run: PortraitRun, calls: readonly (number | undefined)[]): void {
  const before = run.receipt;
  const times = Math.max(1, run.claim.recoveries);
  run.receipt = withForgotten(before, Array.from({ length: times }, () => calls).flat());
  if (run.receipt !== before) countAtClaim(run);
}

/**
 * Where a budget is kept, the ledger holds what may have been paid before anything more is authorized: the portrait is
 * claimed anew, so that those that were in flight with it are held, too. One whose attempts are used up is not called again.
 */
function countAtClaim({ claim: { spec }, receipt, timing }: PortraitRun): void {
  if (spec.control?.maxCostUsd === undefined || callsLeft(receipt, timing.attempts) <= 0) return;
  const message = "counting what may have been paid";
  throw new RunEnded({ kind: "later", reason: "cost_count", delayMs: 0, message });
}
