import { type Receipt, mayBeDraft } from "@darkroom/core";
import { serverNow } from "@darkroom/redis-kit";
import type { Claimed, LaneContext, WorkerContext } from "../run/worker-context.ts";
import { EndRun } from "../run/run-ending.ts";
import { finishTurn, recordOutput, withTurn, type ReceiptBox } from "./receipt-box.ts";
import type { Prepared } from "../prepare/prepare.ts";
import { askMemory, LONGEST_PICTURE_MS } from "./recall-turn.ts";
import { isUnreached } from "../lanes/lane-health.ts";

/** A memory that cannot be read, though its lane goes on, is asked so often at least. */
const SILENT_LOOKS = 20;

/**
 * A picture of the turn was seen, and the end of its answer was not (its worker died or was stopped, the stream was cut):
 * the provider may go on to a newer one, and the last is the result (provider contract A.4). Its memory tells. While it
 * says nothing the run ends and looks again later; after as long as a picture takes, the one that was seen is the result.
 * A memory that cannot be read has not said so: it is asked again and again, and where the whole lane rests until it goes on.
 * It is paid in any case, so nothing that is met here leads to another call.
 */
export async function lookForNewer(
  context: WorkerContext,
  served: LaneContext,
  claimed: Claimed,
  prepared: Prepared,
  box: ReceiptBox,
  step: number,
): Promise<void> {
  const { signal } = claimed;
  const { provider, lane } = served;
  const turn = box.current.turns[step];
  if (!provider.remembers || turn === undefined || !mayBeDraft(box.current, step)) return;
  signal.throwIfAborted();
  // It has counted itself when its picture was seen.
  const turnsBefore = Math.max(0, box.current.exchanges - 1);
  const answer = await askMemory({ context, lane: served, claimed, prepared, box }, step, turnsBefore);
  signal.throwIfAborted();
  const patienceMs = Math.min(LONGEST_PICTURE_MS, context.timing.deadlineMs);
  const isOver = serverNow() - (turn.outputAt ?? 0) >= patienceMs;
  const later = (receipt: Receipt, askedMs = 0): EndRun => {
    const delayMs = Math.max(context.timing.lookMs, Math.min(askedMs, patienceMs));
    const message = "making sure that no newer picture follows the one that was seen";
    return new EndRun({ kind: "later", reason: "recall", delayMs, receipt, message });
  };
  switch (answer.kind) {
    case "found":
      await recordOutput(context, claimed, box, step, answer.url);
      break;
    case "unknown":
      break;
    // An exchange without a picture is another one, a refused call before it: this one has shown its picture.
    case "finished_without_output":
    case "nothing_yet":
      if (!isOver) throw later(box.current);
      break;
    case "blocked":
    case "unavailable": {
      const isAway = answer.kind === "unavailable" && isUnreached(served, answer);
      const rests = isAway || (await lane.blocked()) !== undefined;
      const looks = (turn.looks ?? 0) + (rests ? 0 : 1);
      if (isOver && !rests && looks >= SILENT_LOOKS) break;
      throw later(
        withTurn(box.current, step, { ...turn, looks }),
        answer.kind === "unavailable" ? answer.retryAfterMs : undefined,
      );
    }
    default:
      answer satisfies never;
  }
  finishTurn(box, step);
}
