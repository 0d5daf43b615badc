import { type Receipt, mayBeDraft } from "@darkroom/core";
import type { PortraitRun } from "../run/portrait-run.ts";
import { passGate, type Pass } from "./pass-gate.ts";

/** A place at the gate that no call has taken yet. */
export interface EarlyPass extends Pass {
  /** A monotonic clock, in ms. */
  readonly takenAtMs: number;
}

/** A place that is older belongs to another moment of the account's rate: it is given back, and asked for anew. */
const FRESH_MS = 2_000;

/**
 * Whether the next thing that a portrait needs is a paid call: a step without a picture that was never sent. Anything else
 * is looked up or fetched first.
 */
export function needsCall(receipt: Receipt, steps: number): boolean {
  const last = receipt.turns.length - 1;
  if (last >= 0 && mayBeDraft(receipt, last)) return false;
  return receipt.turns.length < steps && receipt.turns.every(({ outputUrl }) => outputUrl !== undefined);
}

/**
 * Passes the account's gate before the photo is read, or ends the run: a portrait that has to wait for its turn costs the
 * object store nothing. Places at the gate are no fewer than the portraits that run, so none is kept from another's call.
 */
export async function passEarly(run: PortraitRun): Promise<void> {
  run.earlyPass ??= { ...(await passGate(run)), takenAtMs: performance.now() };
}

/** The place for a call: the one that was taken early, where it is fresh, or another one. */
export async function takePass(run: PortraitRun): Promise<Pass> {
  const { context, lane, earlyPass: pass } = run;
  const isFresh = pass !== undefined && performance.now() - pass.takenAtMs <= FRESH_MS;
  // The lane may have been blocked while the photo was read: only a probe calls then.
  if (isFresh && (pass.probing || !context.restingLanes.has(lane.lane.name))) {
    run.earlyPass = undefined;
    return pass;
  }
  await giveBack(run);
  return await passGate(run);
}

/** A place that no call took goes back, with its turn in the rate. */
export async function giveBack(run: PortraitRun): Promise<void> {
  const { earlyPass: pass } = run;
  run.earlyPass = undefined;
  if (pass !== undefined) await run.lane.gate.giveBack(run.claim.token, pass.intervalMs);
}
