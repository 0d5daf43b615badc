import { type Receipt, mayBeDraft } from "@darkroom/core";
import type { Claimed, LaneContext, WorkerContext } from "../run/worker-context.ts";
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
export async function passEarly(
  context: WorkerContext,
  lane: LaneContext,
  claimed: Claimed,
  receipt: Receipt,
): Promise<void> {
  claimed.early.pass ??= { ...(await passGate(context, lane, claimed, receipt)), takenAtMs: performance.now() };
}

/** The place for a call: the one that was taken early, where it is fresh, or another one. */
export async function takePass(
  context: WorkerContext,
  lane: LaneContext,
  claimed: Claimed,
  receipt: Receipt,
): Promise<Pass> {
  const { pass } = claimed.early;
  const isFresh = pass !== undefined && performance.now() - pass.takenAtMs <= FRESH_MS;
  // The lane may have been blocked while the photo was read: only a probe calls then.
  if (isFresh && (pass.probing || !context.restingLanes.has(lane.lane.name))) {
    claimed.early.pass = undefined;
    return pass;
  }
  await giveBack(lane, claimed);
  return await passGate(context, lane, claimed, receipt);
}

/** A place that no call took goes back, with its turn in the rate. */
export async function giveBack(
  { gate }: LaneContext,
  { early, token }: Pick<Claimed, "early" | "token">,
): Promise<void> {
  const { pass } = early;
  early.pass = undefined;
  if (pass !== undefined) await gate.giveBack(token, pass.intervalMs);
}
