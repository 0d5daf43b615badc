import {
  callOf,
  orderedFor,
  withAuthorization,
  withCall,
  withExchanges,
  withFinished,
  withForgotten,
  withFound,
  withGivenUp,
  withLook,
  withLostAnswer,
  withoutPicture,
  withResend,
  withSilence,
  type Call,
  type Receipt,
} from "@darkroom/core";
import type { RecallAnswer } from "@darkroom/provider-kit";
import { serverNow } from "@darkroom/redis-kit";
import { isUnreached } from "../lanes/lane-health.ts";
import { providerFailed } from "../run/after-failure.ts";
import { orderedCall, type PreparedRun } from "../run/portrait-run.ts";
import { RunEnded } from "../run/run-ending.ts";
import { askMemory, LONGEST_PICTURE_MS } from "./ask-memory.ts";
import { RECALLS_WHEN_UNSURE } from "./forgotten-calls.ts";
import { silentMemory } from "./silent-memory.ts";

/** Interval between recalls from a memory that has been silent for long, when no new call could follow. */
const PATIENT_LOOK_MS = 60_000;

/**
 * Recalls an intended call without a known answer, before anything is paid again (P3). Returns with the picture's URL
 * in the receipt, or with the call marked as over or as to be resent. Otherwise ends the run, and a later run recalls
 * again.
 *
 * @param call present in the receipt, or possibly forgotten by Redis
 * @returns the memory's answer; after `nothing_yet` the ledger's receipt is unchanged
 */
export async function recallCall(
  run: PreparedRun,
  call: Call,
): Promise<Exclude<RecallAnswer["kind"], "blocked" | "unavailable">> {
  const { step } = call;
  const { generation, exchanges } = run.receipt.session;
  const exchangesBefore = call.generation === generation ? exchanges : 0;
  const answer = behindRefused(run, call, await askMemory(run, step, exchangesBefore));
  switch (answer.kind) {
    case "found": {
      const { receipt } = run;
      // Redis lost the call. The receipt records it, so that the portrait does not appear to have had no call.
      const isForgotten = receipt.firstIntentAt === undefined;
      run.receipt = isForgotten ? heldAfter(run, orderedFor(receipt, orderedCall(run), serverNow())) : receipt;
      await run.write(withFound(run.receipt, call, answer.url, serverNow()));
      run.receipt = withFinished(run.receipt, step);
      return answer.kind;
    }
    case "finished_without_output":
      await run.write(withoutPicture(run.receipt, call, answer.exchanges, serverNow()));
      return answer.kind;
    case "nothing_yet":
      lookAgainWhereItMayCome(run, call);
      return answer.kind;
    case "unknown": {
      const isForgotten = callOf(run.receipt, step) === undefined;
      const known = isForgotten ? withForgotten(run.receipt, [call]) : withLostAnswer(run.receipt, step);
      await run.write(withGivenUp(known, step));
      return answer.kind;
    }
    case "blocked": {
      const { reason, message } = answer;
      throw new RunEnded({ kind: "blocked", reason, message });
    }
    case "unavailable":
      throw await afterSilence(run, call, answer);
  }
  return answer satisfies never;
}

/**
 * Until this recall, the budget of a rebuilt batch held the price of all steps. From now on the receipt holds that
 * amount.
 */
function heldAfter({ claim, prepared }: PreparedRun, receipt: Receipt): Receipt {
  if (claim.recoveredAt === 0 || claim.spec.control?.maxCostUsd === undefined) return receipt;
  return withAuthorization(receipt, prepared.stepPricesUsd) ?? receipt;
}

/**
 * Ends the run while the answer may still arrive. A call that had begun but left no trace may have been paid. A call
 * that may never have arrived is sent again. If the first call is still running, the provider answers SESSION_BUSY to
 * the second. Meanwhile the call stays in the receipt, and every run recalls it first.
 */
function lookAgainWhereItMayCome(run: PreparedRun, call: Call): void {
  const { timing } = run;
  const looks = call.looks ?? 0;
  const patienceMs = Math.min(LONGEST_PICTURE_MS, timing.deadlineMs);
  // While the batch may not spend, no new call can reveal a running call through SESSION_BUSY.
  const isWaitedFor = call.trace === "begun" || run.claim.asksOnly;
  const mayCome = isWaitedFor ? serverNow() - call.at < patienceMs : looks < RECALLS_WHEN_UNSURE;
  if (call.resend !== true && mayCome) {
    run.receipt = withLook(run.receipt, call);
    const message = "checking that the previous call was not paid";
    throw new RunEnded({ kind: "later", reason: "recall", delayMs: timing.lookMs, message });
  }
  run.receipt = withResend(run.receipt, call);
}

/**
 * Handles a memory that cannot be read. This has no effect on the lane, because other portraits continue to probe it.
 */
async function afterSilence(
  run: PreparedRun,
  call: Call,
  answer: Extract<RecallAnswer, { kind: "unavailable" }>,
): Promise<RunEnded> {
  const { lane, timing, claim } = run;
  const { message } = answer;
  const what = silentMemory({
    sinceMs: serverNow() - call.at,
    deadlineMs: timing.deadlineMs,
    unreached: isUnreached(lane, answer),
    asksOnly: claim.asksOnly,
    laneRests: (await lane.lane.blocked()) !== undefined,
  });
  if (what === "give-up") {
    return run.endWith(providerFailed(withSilence(run.receipt, call), { code: "provider_error", message }, run.limits));
  }
  const receipt = withCall(run.receipt, call);
  const askedMs = Math.min(answer.retryAfterMs ?? 0, timing.retryAfterCapMs);
  const delayMs = Math.max(what === "ask-later" ? PATIENT_LOOK_MS : timing.lookMs, askedMs);
  return run.endWith({ receipt, ending: { kind: "later", reason: "recall", delayMs, message } });
}

/**
 * Skips exchanges of refused calls, because the provider remembers each as an exchange without a picture. If there are
 * no more new exchanges than refused calls, none of them belongs to this call, and the recall continues after them.
 */
function behindRefused(run: PreparedRun, call: Call, answer: RecallAnswer): RecallAnswer {
  const { exchanges, refusedCalls = 0 } = run.receipt.session;
  if (answer.kind !== "finished_without_output" || call.status === "unpaid") return answer;
  if (answer.exchanges > exchanges + refusedCalls) return answer;
  run.receipt = withExchanges(run.receipt, answer.exchanges);
  return { kind: "nothing_yet" };
}
