import { type Receipt, hasLink, lastCall, mayBeDraft, presentCalls } from "@darkroom/core";
import type { PortraitRun } from "../run/portrait-run.ts";
import { passGate } from "./pass-gate.ts";
import type { Pass } from "./pass.ts";

/** Age above which a pass no longer reflects the account's rate. An older pass is returned, and a new one requested. */
const FRESH_MS = 2_000;

/** True when the next step is a paid call that was never sent. Otherwise the next step is a recall or a fetch. */
export function needsCall(receipt: Receipt, steps: number): boolean {
  const last = lastCall(receipt);
  if (last !== undefined && mayBeDraft(receipt, last.step)) return false;
  const present = presentCalls(receipt);
  return present.length < steps && present.every(hasLink);
}

/**
 * Passes the account's gate before the photo is read, or ends the run, so that a waiting portrait causes no storage
 * reads. The gate has at least as many slots as there are running portraits, so an early pass does not starve other
 * calls.
 */
export async function passEarly(run: PortraitRun): Promise<void> {
  run.earlyPass ??= { ...(await passGate(run)), takenAtMs: performance.now() };
}

/** Returns the early pass while it is fresh, otherwise a new one. */
export async function takePass(run: PortraitRun): Promise<Pass> {
  const { context, lane, earlyPass: pass } = run;
  const isFresh = pass !== undefined && performance.now() - pass.takenAtMs <= FRESH_MS;
  // If the lane was blocked in the meantime, only a probe may call.
  if (isFresh && (pass.probing || !context.blockedLanes.has(lane.lane.name))) {
    run.earlyPass = undefined;
    return pass;
  }
  await giveBack(run);
  return await passGate(run);
}

/** Returns an unused pass to the gate, with its share of the rate. */
export async function giveBack(run: PortraitRun): Promise<void> {
  const { earlyPass: pass } = run;
  run.earlyPass = undefined;
  if (pass !== undefined) await run.lane.gate.giveBack(run.claim.token, pass.intervalMs);
}
