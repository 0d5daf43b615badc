import { setTimeout as delay } from "node:timers/promises";
import type { Receipt } from "@darkroom/ledger";
import type { Claimed, LaneContext, WorkerContext } from "./context.ts";
import { EndRun } from "./ending.ts";

/** A wait up to this is sat out here; a longer one frees the worker's place. */
const SHORT_WAIT_MS = 2_000;

/** Passes the account's gate, or ends the run until it may. Burns no attempt. @returns whether this call is a blocked lane's probe */
export async function passGate(
  context: WorkerContext,
  { gate }: LaneContext,
  { token, signal }: Claimed,
  receipt: Receipt,
): Promise<boolean> {
  let waitedMs = 0;
  for (;;) {
    const { waitMs, probing } = await gate.enter(token);
    if (waitMs === 0) return probing;
    waitedMs += waitMs;
    if (waitedMs > SHORT_WAIT_MS) {
      const delayMs = waitMs + Math.floor(context.random() * 500);
      throw new EndRun({ kind: "later", delayMs, receipt, message: "waiting for the account's limits" });
    }
    await delay(waitMs, undefined, { signal });
  }
}
