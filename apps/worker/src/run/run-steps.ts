import { isDarkroomError, stoppedOutcome, type OutcomeCode, type Receipt } from "@darkroom/core";
import { BatchCancelled, WorkerStops } from "../claims/abort-reasons.ts";
import { DestinationBlocked } from "../destinations/destinations.ts";
import { enhance } from "../enhance/enhance.ts";
import { withAnswerRoom } from "../enhance/reserve-answer-memory.ts";
import { giveBack } from "../lanes/early-pass.ts";
import { prepare } from "../prepare/prepare.ts";
import { store } from "../store/store.ts";
import { storageFailed } from "./after-failure.ts";
import type { PortraitRun } from "./portrait-run.ts";
import { RunEnded, type RunEnding } from "./run-ending.ts";

export function stoppedEnding(receipt: Receipt, code: OutcomeCode = "cancelled"): RunEnding {
  return { kind: "settle", outcome: stoppedOutcome(receipt, code) };
}

/** Takes a claimed portrait through prepare ▸ enhance ▸ store. Only this function reads and decodes untrusted bytes. */
export async function runSteps(run: PortraitRun): Promise<RunEnding> {
  const { context, claim } = run;
  context.bus.event(claim.spec.id, { type: "portrait-start", index: claim.index }).catch(() => undefined);
  try {
    const ready = await prepare(run);
    return await withAnswerRoom(ready, async () => await store(ready, await enhance(ready)));
  } catch (error) {
    return endingOf(run, error);
  } finally {
    // If this fails, the gate frees the slot when its lease expires.
    await giveBack(run).catch(() => undefined);
  }
}

/** Maps an error thrown by a step to the run's end. */
function endingOf(run: PortraitRun, error: unknown): RunEnding {
  const { context, claim, receipt, limits } = run;
  if (error instanceof RunEnded) return error.ending;
  if (error instanceof DestinationBlocked) return { kind: "destination-blocked", blocked: error.blocked };
  const { reason } = run.signal as { readonly reason: unknown };
  if (reason instanceof WorkerStops) return { kind: "hand-back", reason: "handed_back" };
  if (reason instanceof BatchCancelled) return stoppedEnding(receipt);
  // Another worker may be configured correctly, so this worker skips the batch for a while and ends no portrait.
  if (context.means.note(error)) return { kind: "hand-back", reason: "unmet_needs" };
  if (isDarkroomError(error) && error.code.startsWith("storage_")) {
    return run.take(storageFailed(receipt, error, limits));
  }
  if (isDarkroomError(error, "remote_unavailable")) {
    return run.take(storageFailed(receipt, error, limits, "source_unreadable"));
  }
  context.log.error({ err: error, batch: claim.spec.id, portrait: claim.index }, "unexpected fault");
  return run.take(storageFailed(receipt, error, limits, "internal"));
}
