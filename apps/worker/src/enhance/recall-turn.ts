import {
  type Turn,
  answersOf,
  callsLeft,
  sessionId,
  withForgotten,
  withFound,
  withLostAnswer,
  withMaybe,
  withoutMaybe,
  withoutTurns,
} from "@darkroom/core";
import type { RecallAnswer } from "@darkroom/provider-kit";
import { serverNow } from "@darkroom/redis-kit";
import type { Claimed, LaneContext, WorkerContext } from "../run/worker-context.ts";
import { EndRun } from "../run/run-ending.ts";
import {
  finishTurn,
  intendedTurn,
  promptOf,
  receiptAtIntent,
  recordOutput,
  stepMicroUsd,
  withExchanges,
  withTurn,
  writeReceipt,
  type ReceiptBox,
} from "./receipt-box.ts";
import type { PortraitRun } from "./lost-result.ts";
import type { Prepared } from "../prepare/prepare.ts";
import { silentMemory } from "./silent-memory.ts";
import { providerFailed } from "../run/retry.ts";
import { failedInOutage, isUnreached } from "../lanes/lane-health.ts";

/** A memory that has been silent for long is asked so often while nothing else could be done. */
const PATIENT_LOOK_MS = 60_000;
/** Looks for a turn of which it is not known that it ever arrived. */
export const LOOKS_WHEN_UNSURE = 2;
/** A picture takes at most this long (provider contract A.5); a turn that had begun is waited for until then. */
export const LONGEST_PICTURE_MS = 300_000;

/**
 * A turn of which the receipt says nothing, where Redis may have forgotten it (it follows another, was started again, or
 * the batch was rebuilt from the object store): it is looked for, too, before it is paid. Once is enough: should it still
 * run, the provider says that the session is busy. A provider that remembers nothing cannot be asked: then what is paid
 * from here on may be paid for the second time, and the receipt says so: of this step and of all after it.
 */
export async function forgottenTurn(
  context: WorkerContext,
  { provider }: LaneContext,
  claimed: Claimed,
  prepared: Prepared,
  box: ReceiptBox,
  step: number,
): Promise<Turn | undefined> {
  const { spec, recoveries } = claimed;
  if (recoveries === 0 && !(await context.continuity.mayHaveForgotten(spec.createdAt))) return undefined;
  if (!provider.remembers) {
    const { stepPricesUsd } = prepared;
    const calls = stepPricesUsd.map((_, each) => stepMicroUsd(stepPricesUsd, each)).slice(step);
    countForgotten(context, claimed, box, calls);
    return undefined;
  }
  return { ...intendedTurn(prepared, step, box.current.generation), looks: LOOKS_WHEN_UNSURE, counted: true };
}

/**
 * Counts calls that Redis may have forgotten, at a provider that cannot be asked: as often as all of Redis was lost.
 *
 * @param calls the price of each (micro-USD), undefined for one without
 */
export function countForgotten(
  context: WorkerContext,
  claimed: Claimed,
  box: ReceiptBox,
  calls: readonly (number | undefined)[],
): void {
  const before = box.current;
  const times = Math.max(1, claimed.recoveries);
  box.current = withForgotten(before, Array.from({ length: times }, () => calls).flat());
  if (box.current !== before) countAtClaim(context, claimed, box);
}

/**
 * What the provider's memory says of a turn. It may hold more exchanges than are known of, refused calls for one: the
 * picture of a step before is then no answer to this one. Ends the run where the provider cannot be reached at all, in an
 * outage; a memory that fails otherwise may do so alone, and shows nothing of the calls.
 */
export async function askMemory(
  { context, lane, claimed, prepared, box }: PortraitRun,
  step: number,
  turnsBefore: number,
): Promise<RecallAnswer> {
  const { spec, round, signal, token } = claimed;
  const { recipe, order } = prepared;
  const receipt = box.current;
  const generation = receipt.turns[step]?.generation ?? receipt.generation;
  const [enteredAt, startedAt] = [serverNow(), performance.now()];
  const answer = await lane.provider.recall(
    {
      sessionId: sessionId(spec.id, order.identity, generation, round),
      prompt: promptOf(recipe, step, receipt),
      turnsBefore,
      answers: answersOf(recipe),
    },
    signal,
  );
  if (answer.kind === "unavailable" && isUnreached(lane, answer)) {
    const { message } = answer;
    const ended = { enteredAt, tookMs: performance.now() - startedAt, sign: "unreached" } as const;
    const isOutage = await failedInOutage(context, lane, token, ended);
    if (isOutage) throw new EndRun({ kind: "blocked", reason: "outage", message, receipt });
  }
  const isOfBefore =
    answer.kind === "found" && receipt.turns.slice(0, step).some(({ outputUrl }) => outputUrl === answer.url);
  return isOfBefore ? { kind: "nothing_yet" } : answer;
}

/**
 * A turn was intended and its answer is not known: asks the provider's memory before anything is paid again (P3).
 * Comes back with the picture's URL in the receipt, or with the turn marked to be sent again or taken out; otherwise the
 * run ends and looks again later.
 *
 * @returns what the memory said; after `nothing_yet` the ledger's receipt is what it was
 */
export async function recallTurn(
  context: WorkerContext,
  served: LaneContext,
  claimed: Claimed,
  prepared: Prepared,
  box: ReceiptBox,
  step: number,
  turn: Turn,
): Promise<Exclude<RecallAnswer["kind"], "blocked" | "unavailable">> {
  const turnsBefore = turn.generation === box.current.generation ? box.current.exchanges : 0;
  const { provider, lane } = served;
  const told = await askMemory({ context, lane: served, claimed, prepared, box }, step, turnsBefore);
  const answer = behindRefused(box, turn, told);
  const sinceMs = serverNow() - turn.intentAt;
  const later = (message: string, delayMs: number, looks: number): EndRun => {
    const receipt = withTurn(box.current, step, { ...turn, looks });
    return new EndRun({ kind: "later", reason: "recall", delayMs, receipt, message });
  };
  const looks = turn.looks ?? 0;
  switch (answer.kind) {
    case "found": {
      // Redis has forgotten that the provider was called: what follows must not take the portrait for one that never was.
      const seen = { lane: lane.name, remembers: provider.remembers };
      if (box.current.firstIntentAt === undefined)
        box.current = receiptAtIntent(box.current, claimed, seen, prepared, step);
      box.current = withFound(box.current, step);
      await recordOutput(context, claimed, box, step, answer.url);
      finishTurn(box, step);
      return answer.kind;
    }
    case "finished_without_output": {
      // The provider bills for pictures, and there is none: what the last failure may have cost is known now. Until it is
      // really sent again the memory is asked all the same for what follows that exchange.
      const { generation, microUsd } = turn;
      const price = microUsd === undefined ? {} : { microUsd };
      const again: Turn = { intentAt: serverNow(), generation, ...price, unpaid: true, resend: true };
      const isKnown = box.current.turns[step] !== undefined;
      const counted = withExchanges(withoutMaybe(box.current, step), answer.exchanges);
      const { lastFailure, ...kept } = withTurn(counted, step, isKnown ? again : undefined);
      const { billed: _, ...failure } = lastFailure ?? { code: undefined };
      await writeReceipt(context, claimed, box, {
        ...kept,
        ...(failure.code === undefined ? {} : { lastFailure: failure }),
      });
      return answer.kind;
    }
    case "nothing_yet": {
      const patienceMs = Math.min(LONGEST_PICTURE_MS, context.timing.deadlineMs);
      // While nothing may be sent again, no SESSION_BUSY can tell that it runs after all.
      const isWaitedFor = turn.begun === true || claimed.asksOnly;
      const lookAgain = isWaitedFor ? sinceMs < patienceMs : looks < LOOKS_WHEN_UNSURE;
      if (turn.resend !== true && lookAgain) {
        throw later("making sure that the call before was not paid for", context.timing.lookMs, looks + 1);
      }
      // A turn that had begun and left no trace may have been paid; one that may never have arrived is sent again, and
      // the provider's SESSION_BUSY tells if it runs after all. It stays in the receipt until it is really sent again:
      // whatever comes in between, the memory is asked once more.
      const again = withLostAnswer(withTurn(box.current, step, { ...turn, resend: true }), step);
      if (turn.begun !== true && turn.stopped !== true) {
        box.current = again;
        return answer.kind;
      }
      box.current = withMaybe(again, step);
      if (turn.maybe !== true) countAtClaim(context, claimed, box);
      return answer.kind;
    }
    case "unknown":
      await writeReceipt(context, claimed, box, withoutTurns(withLostAnswer(box.current, step), step));
      countAtClaim(context, claimed, box);
      return answer.kind;
    case "blocked":
      throw new EndRun({ kind: "blocked", reason: answer.reason, message: answer.message, receipt: box.current });
    case "unavailable": {
      // It says nothing of the lane: other portraits go on probing it.
      const { deadlineMs, lookMs, retryAfterCapMs } = context.timing;
      const unreached = isUnreached(served, answer);
      const laneRests = (await lane.blocked()) !== undefined;
      const what = silentMemory({ sinceMs, deadlineMs, unreached, asksOnly: claimed.asksOnly, laneRests });
      const askedMs = Math.min(answer.retryAfterMs ?? 0, retryAfterCapMs);
      if (what !== "give-up") {
        throw later(answer.message, Math.max(what === "ask-later" ? PATIENT_LOOK_MS : lookMs, askedMs), looks);
      }
      throw new EndRun(
        providerFailed(context, withMaybe(withTurn(box.current, step, turn), step), "provider_error", answer.message),
      );
    }
  }
  return answer satisfies never;
}

/**
 * The provider also remembers calls that it refused, each as an exchange without a picture. Where there are no more new
 * exchanges than such calls, they say nothing of this turn, which may still run: it is looked for after them.
 */
function behindRefused(box: ReceiptBox, turn: Turn, answer: RecallAnswer): RecallAnswer {
  const { exchanges, refusedCalls = 0 } = box.current;
  if (answer.kind !== "finished_without_output" || turn.unpaid === true) return answer;
  if (answer.exchanges > exchanges + refusedCalls) return answer;
  box.current = withExchanges(box.current, answer.exchanges);
  return { kind: "nothing_yet" };
}

/**
 * Where a budget is kept, what may have been paid is counted before anything more is: at the next claim. A portrait whose
 * attempts are used up is not called again.
 */
function countAtClaim({ timing }: WorkerContext, { spec }: Claimed, { current }: ReceiptBox): void {
  if (spec.control?.maxCostUsd === undefined || callsLeft(current, timing.attempts) <= 0) return;
  throw new EndRun({
    kind: "later",
    reason: "cost_count",
    delayMs: 0,
    receipt: current,
    message: "counting what may have been paid",
  });
}
