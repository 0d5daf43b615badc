import { setTimeout as delay } from "node:timers/promises";
import type { PortraitRun } from "../run/portrait-run.ts";
import { RunEnded } from "../run/run-ending.ts";

/** A wait up to this is sat out here; a longer one frees the worker's place. */
const SHORT_WAIT_MS = 2_000;

/** A place at the gate. */
export interface Pass {
  /** This call is a blocked lane's probe. */
  readonly probing: boolean;
  /** Redis' time, epoch ms. */
  readonly enteredAt: number;
  /** By how much it put off the next call of the account, in ms. */
  readonly intervalMs: number;
}

/** Passes the account's gate, or ends the run until it may. Burns no attempt. */
export async function passGate({ context, lane: { gate }, claim: { token }, signal }: PortraitRun): Promise<Pass> {
  let waitedMs = 0;
  for (;;) {
    const answer = await gate.enter(token);
    if (answer.kind === "entered") {
      const { probing, enteredAt, intervalMs } = answer;
      return { probing, enteredAt, intervalMs };
    }
    if (answer.kind === "blocked") {
      // It may have had a place from before, whose answer was lost with the connection.
      await gate.leave(token);
      throw new RunEnded({ kind: "lane-rests" });
    }
    const { waitMs } = answer;
    waitedMs += waitMs;
    if (waitedMs > SHORT_WAIT_MS) {
      const delayMs = waitMs + Math.floor(context.random() * 500);
      throw new RunEnded({
        kind: "later",
        reason: "rate_limit",
        delayMs,
        message: "waiting for the account's limits",
        keepsPlace: true,
      });
    }
    await delay(waitMs, undefined, { signal });
  }
}
