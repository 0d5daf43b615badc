import { callOf, mayBeDraft, withFinished, withLook } from "@darkroom/core";
import { serverNow } from "@darkroom/redis-kit";
import { isUnreached } from "../lanes/lane-health.ts";
import type { PreparedRun } from "../run/portrait-run.ts";
import { RunEnded } from "../run/run-ending.ts";
import { askMemory, LONGEST_PICTURE_MS } from "./ask-memory.ts";

/** Minimum number of failed recalls, while the lane works, before the last seen picture counts as final. */
const SILENT_LOOKS = 20;

/**
 * Waits for the final picture after the worker saw a picture but not the end of the answer: the provider may produce a
 * newer one, and the last is the result (provider contract A.4). Recalls repeatedly until the longest picture time has
 * passed, then accepts the picture that was seen. That picture is already paid for, so no call follows.
 */
export async function recallFinalPicture(run: PreparedRun, step: number): Promise<void> {
  const { lane, signal, timing } = run;
  const call = callOf(run.receipt, step);
  if (!lane.provider.remembers || call === undefined || !mayBeDraft(run.receipt, step)) return;
  signal.throwIfAborted();
  // The exchange was counted when its picture was seen.
  const exchangesBefore = Math.max(0, run.receipt.session.exchanges - 1);
  const answer = await askMemory(run, step, exchangesBefore);
  signal.throwIfAborted();
  const patienceMs = Math.min(LONGEST_PICTURE_MS, timing.deadlineMs);
  const isOver = serverNow() - (call.outputs?.at ?? 0) >= patienceMs;
  const later = (askedMs = 0): RunEnded => {
    const delayMs = Math.max(timing.lookMs, Math.min(askedMs, patienceMs));
    const message = "checking that no newer picture follows the one that was seen";
    return new RunEnded({ kind: "later", reason: "recall", delayMs, message });
  };
  switch (answer.kind) {
    case "found":
      await run.writeOutput(step, answer);
      break;
    case "unknown":
      break;
    // An exchange without a picture belongs to another call, such as a refused one, because this call's picture was
    // seen.
    case "finished_without_output":
    case "nothing_yet":
      if (!isOver) throw later();
      break;
    case "blocked":
    case "unavailable": {
      const isAway = answer.kind === "unavailable" && isUnreached(lane, answer);
      const rests = isAway || (await lane.lane.blocked()) !== undefined;
      const looks = (call.looks ?? 0) + (rests ? 0 : 1);
      if (isOver && !rests && looks >= SILENT_LOOKS) break;
      if (!rests) run.receipt = withLook(run.receipt, call);
      throw later(answer.kind === "unavailable" ? answer.retryAfterMs : undefined);
    }
    default:
      answer satisfies never;
  }
  run.receipt = withFinished(run.receipt, step);
}
