import { type OutcomeCode, type Receipt, isDarkroomError, stoppedOutcome } from "@darkroom/core";
import { withAnswerRoom } from "../enhance/reserve-answer-memory.ts";
import type { Claimed, LaneContext, WorkerContext } from "./worker-context.ts";
import { DestinationBlocked } from "../destinations/destinations.ts";
import { EndRun, type Ending } from "./run-ending.ts";
import { giveBack } from "../lanes/early-pass.ts";
import { enhance } from "../enhance/enhance.ts";
import { BatchCancelled, WorkerStops } from "../claims/running-portraits.ts";
import { prepare } from "../prepare/prepare.ts";
import { storageFailed } from "./retry.ts";
import { store } from "../store/store.ts";

export function stoppedEnding(receipt: Receipt, code: OutcomeCode = "cancelled"): Ending {
  return { kind: "settle", outcome: stoppedOutcome(receipt, code) };
}

/** Takes a claimed portrait through prepare ▸ enhance ▸ store. Everything that reads or decodes foreign bytes is in here. */
export async function workOn(
  context: WorkerContext,
  lane: LaneContext,
  claimed: Claimed,
  receipt: { current: Receipt },
): Promise<Ending> {
  context.bus.event(claimed.spec.id, { type: "portrait-start", index: claimed.index }).catch(() => undefined);
  try {
    const ready = await prepare(context, lane, claimed, receipt);
    return await withAnswerRoom(context, lane.provider, claimed, ready, receipt, async (answerRoom) => {
      const within = answerRoom === undefined ? claimed : { ...claimed, answerRoom };
      const enhanced = await enhance(context, lane, within, ready, receipt);
      return await store(context, lane, claimed, ready, receipt, enhanced);
    });
  } catch (error) {
    if (error instanceof EndRun) return error.ending;
    if (error instanceof DestinationBlocked) {
      return { kind: "destination-rests", blocked: error.blocked, receipt: receipt.current };
    }
    const { reason } = claimed.signal as { readonly reason: unknown };
    if (reason instanceof WorkerStops) return { kind: "hand-back", reason: "handed_back", receipt: receipt.current };
    if (reason instanceof BatchCancelled) return stoppedEnding(receipt.current);
    // Another worker's settings may be right: this one leaves the batch alone for a while, and ends nothing of it.
    if (context.means.note(error)) return { kind: "hand-back", reason: "unmet_needs", receipt: receipt.current };
    if (isDarkroomError(error) && error.code.startsWith("storage_")) {
      return storageFailed(context, receipt.current, error);
    }
    if (isDarkroomError(error, "remote_unavailable")) {
      return storageFailed(context, receipt.current, error, "source_unreadable");
    }
    context.log.error({ err: error, batch: claimed.spec.id, portrait: claimed.index }, "unexpected fault");
    return storageFailed(context, receipt.current, error, "internal");
  } finally {
    // Where this fails, the place comes free by itself when its lease ends.
    await giveBack(lane, claimed).catch(() => undefined);
  }
}
