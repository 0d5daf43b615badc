import {
  finished,
  orderedFor,
  withAuthorization,
  withExchanges,
  withFound,
  withLostAnswer,
  withMaybe,
  withoutMaybe,
  withoutTurns,
  withTurn,
  type Receipt,
  type Turn,
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

/** Interval between recalls from a long-silent memory when no call could follow anyway. */
const PATIENT_LOOK_MS = 60_000;

/**
 * Recalls a turn that was intended and has no known answer, before anything is paid again (P3). Returns with the
 * picture's URL in the receipt, or with the turn removed or marked for resending. Otherwise the run ends and looks
 * again later.
 *
 * @returns the memory's answer; after `nothing_yet` the ledger's receipt is unchanged
 */
export async function recallTurn(
  run: PreparedRun,
  step: number,
  turn: Turn,
): Promise<Exclude<RecallAnswer["kind"], "blocked" | "unavailable">> {
  const turnsBefore = turn.generation === run.receipt.generation ? run.receipt.exchanges : 0;
  const answer = behindRefused(run, turn, await askMemory(run, step, turnsBefore));
  switch (answer.kind) {
    case "found": {
      const { receipt } = run;
      // Redis lost the call: record it, so that the portrait does not look as if it had never been called.
      const isForgotten = receipt.firstIntentAt === undefined;
      const known = isForgotten ? heldAfter(run, orderedFor(receipt, orderedCall(run), step, serverNow())) : receipt;
      run.receipt = withFound(known, step);
      await run.writeOutput(step, answer);
      run.receipt = finished(run.receipt, step);
      return answer.kind;
    }
    case "finished_without_output":
      await run.write(withoutPicture(run.receipt, step, { turn, exchanges: answer.exchanges }));
      return answer.kind;
    case "nothing_yet":
      lookAgainWhereItMayCome(run, step, turn);
      return answer.kind;
    case "unknown":
      await run.write(withoutTurns(withLostAnswer(run.receipt, step), step));
      return answer.kind;
    case "blocked": {
      const { reason, message } = answer;
      throw new RunEnded({ kind: "blocked", reason, message });
    }
    case "unavailable":
      throw await afterSilence(run, step, turn, answer);
  }
  return answer satisfies never;
}

/** A rebuilt batch's budget held the price of all steps until this recall. The receipt holds it from now on. */
function heldAfter({ claim, prepared }: PreparedRun, receipt: Receipt): Receipt {
  if (claim.recoveredAt === 0 || claim.spec.control?.maxCostUsd === undefined) return receipt;
  return withAuthorization(receipt, prepared.stepPricesUsd) ?? receipt;
}

/**
 * The receipt after an exchange that ended without a picture. Providers bill only for pictures, so the last failure is
 * now known to be free. Until the turn is sent again, later exchanges are still recalled.
 */
function withoutPicture(
  receipt: Receipt,
  step: number,
  { turn, exchanges }: { readonly turn: Turn; readonly exchanges: number },
): Receipt {
  const { generation, microUsd } = turn;
  const price = microUsd === undefined ? {} : { microUsd };
  const again: Turn = { intentAt: serverNow(), generation, ...price, unpaid: true, resend: true };
  const isKnown = receipt.turns[step] !== undefined;
  const counted = withExchanges(withoutMaybe(receipt, step), exchanges);
  const { lastFailure, ...kept } = withTurn(counted, step, isKnown ? again : undefined);
  const { billed: _, ...failure } = lastFailure ?? { code: undefined };
  return { ...kept, ...(failure.code === undefined ? {} : { lastFailure: failure }) };
}

/**
 * Ends the run while the answer may still come. A call that had begun and left no trace may have been paid. One that
 * may never have arrived is sent again, and SESSION_BUSY reveals one that is running after all. The turn stays in the
 * receipt until then, so that every run recalls it first.
 */
function lookAgainWhereItMayCome(run: PreparedRun, step: number, turn: Turn): void {
  const { timing } = run;
  const looks = turn.looks ?? 0;
  const patienceMs = Math.min(LONGEST_PICTURE_MS, timing.deadlineMs);
  // While the batch may not spend, no new call can reveal a running one through SESSION_BUSY.
  const isWaitedFor = turn.begun === true || run.claim.asksOnly;
  const mayCome = isWaitedFor ? serverNow() - turn.intentAt < patienceMs : looks < RECALLS_WHEN_UNSURE;
  if (turn.resend !== true && mayCome) {
    run.receipt = withTurn(run.receipt, step, { ...turn, looks: looks + 1 });
    const message = "making sure that the call before was not paid for";
    throw new RunEnded({ kind: "later", reason: "recall", delayMs: timing.lookMs, message });
  }
  const again = withLostAnswer(withTurn(run.receipt, step, { ...turn, resend: true }), step);
  const wasThere = turn.begun === true || turn.stopped === true;
  run.receipt = wasThere ? withMaybe(again, step) : again;
}

/** Handles a memory that cannot be read. That says nothing about the lane: other portraits keep probing it. */
async function afterSilence(
  run: PreparedRun,
  step: number,
  turn: Turn,
  answer: Extract<RecallAnswer, { kind: "unavailable" }>,
): Promise<RunEnded> {
  const { lane, timing, claim } = run;
  const { message } = answer;
  const what = silentMemory({
    sinceMs: serverNow() - turn.intentAt,
    deadlineMs: timing.deadlineMs,
    unreached: isUnreached(lane, answer),
    asksOnly: claim.asksOnly,
    laneRests: (await lane.lane.blocked()) !== undefined,
  });
  if (what === "give-up") {
    const receipt = withTurn(run.receipt, step, turn);
    return run.endWith(providerFailed(withMaybe(receipt, step), { code: "provider_error", message }, run.limits));
  }
  const receipt = withTurn(run.receipt, step, { ...turn, looks: turn.looks ?? 0 });
  const askedMs = Math.min(answer.retryAfterMs ?? 0, timing.retryAfterCapMs);
  const delayMs = Math.max(what === "ask-later" ? PATIENT_LOOK_MS : timing.lookMs, askedMs);
  return run.endWith({ receipt, ending: { kind: "later", reason: "recall", delayMs, message } });
}

/**
 * The provider also remembers refused calls, each as an exchange without a picture. If there are no more new exchanges
 * than refused calls, they say nothing about this turn, and the recall continues after them.
 */
function behindRefused(run: PreparedRun, turn: Turn, answer: RecallAnswer): RecallAnswer {
  const { exchanges, refusedCalls = 0 } = run.receipt;
  if (answer.kind !== "finished_without_output" || turn.unpaid === true) return answer;
  if (answer.exchanges > exchanges + refusedCalls) return answer;
  run.receipt = withExchanges(run.receipt, answer.exchanges);
  return { kind: "nothing_yet" };
}
