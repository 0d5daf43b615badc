import { setTimeout as delay } from "node:timers/promises";
import type { PortraitRun } from "../run/portrait-run.ts";
import { RunEnded } from "../run/run-ending.ts";
import type { Pass } from "./pass.ts";

/** Maximum wait inside the running job. For a longer wait, the portrait frees the worker's slot. */
const SHORT_WAIT_MS = 2_000;

/** Passes the account's gate, or ends the run until the gate admits the portrait. Counts no attempt. */
export async function passGate({ context, lane: { gate }, claim: { token }, signal }: PortraitRun): Promise<Pass> {
  let waitedMs = 0;
  for (;;) {
    const answer = await gate.enter(token);
    if (answer.kind === "entered") {
      const { probing, enteredAt, intervalMs } = answer;
      return { probing, enteredAt, intervalMs };
    }
    if (answer.kind === "blocked") {
      // If the reply to an earlier pass was lost with the connection, that pass is still held.
      await gate.leave(token);
      throw new RunEnded({ kind: "lane-blocked" });
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
