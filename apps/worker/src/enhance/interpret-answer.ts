import {
  type Receipt,
  type Turn,
  answerTo,
  answered,
  billedWith,
  outcomeOf,
  withMaybe,
  withoutLostAnswer,
} from "@darkroom/core";
import type { EnhanceAnswer } from "@darkroom/provider-kit";
import { serverNow } from "@darkroom/redis-kit";
import type { Claimed, LaneContext, WorkerContext } from "../run/worker-context.ts";
import { costOfFailure } from "./cost-of-failure.ts";
import { EndRun } from "../run/run-ending.ts";
import { linksOf, type Enhanced } from "./enhanced-pictures.ts";
import { lookForNewer } from "./recall-final-picture.ts";
import type { Pass } from "../lanes/pass-gate.ts";
import type { Prepared } from "../prepare/prepare.ts";
import {
  finishTurn,
  recordOutput,
  recordPictures,
  refusedTurn,
  withExchanges,
  withoutCall,
  withTurn,
  type ReceiptBox,
} from "./receipt-box.ts";
import { refusedByAccount } from "../lanes/account-refusal.ts";
import { linkUnreached, providerFailed, waitForConnection } from "../run/retry.ts";
import { blockLane, isUnreached } from "../lanes/lane-health.ts";
import type { WatchedPicture } from "../prepare/watched-picture.ts";

/** A portrait whose session was lost this often has something wrong with it. */
const MOST_GENERATIONS = 3;
/** An agent's run may last this long (provider contract A.5); a session that is busy for longer is stuck. */
const LONGEST_RUN_MS = 3_600_000;

/** What is noted of a failed call that may still be found, by what its failure costs. */
const COUNTED = { attempt: "failed", "unless-found": "outage", nothing: true } as const;

/** A call that has left the gate. */
export interface EndedCall {
  readonly step: number;
  /** The receipt before the intent. */
  readonly prior: Receipt;
  /** The provider has begun to answer, so that it works on it even when the stream is cut. */
  readonly begun: boolean;
  /** An earlier turn of this step whose answer is not known; it comes back where this call did not arrive. */
  readonly unsure: Turn | undefined;
  /** What went within the request. */
  readonly picture: WatchedPicture | undefined;
  readonly pass: Pass;
  /** It failed as all do at present: the lane is blocked for it, and no attempt is burnt. */
  readonly outage: boolean;
}

/**
 * What an answer means for the portrait: its pictures, or the end of the run. A question that there is an answer to is
 * to be answered at once.
 */
export async function readAnswer(
  context: WorkerContext,
  lane: LaneContext,
  claimed: Claimed,
  prepared: Prepared,
  box: ReceiptBox,
  call: EndedCall,
  answer: EnhanceAnswer,
): Promise<Enhanced | "answer-it"> {
  const { step } = call;
  const turn = box.current.turns[step];
  switch (answer.kind) {
    case "output":
      await recordOutput(context, claimed, box, step, answer.url, answer);
      if (answer.unfinished !== true) finishTurn(box, step);
      await lookForNewer(context, lane, claimed, prepared, box, step);
      return (
        linksOf(box.current.turns[step]) ?? {
          kind: "urls",
          urls: [answer.url, ...(answer.variations ?? [])],
          knownSubjects: answer.knownSubjects,
        }
      );
    case "pictures":
      await recordPictures(context, claimed, box, step);
      return { kind: "pictures", pictures: answer.pictures, knownSubjects: answer.knownSubjects };
    case "refused":
      box.current = { ...refusedTurn(box.current, step, answer.billed), attempts: box.current.attempts + 1 };
      throw new EndRun({
        kind: "settle",
        outcome: outcomeOf(box.current, answer.code, answer.message, billedWith(box.current, answer.billed)),
      });
    case "link_unreached": {
      const { unsure } = call;
      const receipt = afterRefusal(box.current, call);
      const billed = billedWith(receipt, unsure === undefined || unsure.unpaid === true ? "no" : "maybe");
      throw new EndRun(linkUnreached(context, receipt, answer.message, billed));
    }
    case "failed": {
      if (!answer.sent && call.picture?.fault !== undefined) {
        box.current = withoutCall(box.current, call.prior, step, call.unsure);
        throw call.picture.fault;
      }
      const isSure = call.unsure === undefined || call.unsure.unpaid === true;
      const unpaid = answer.billed === "no" && isSure ? { unpaid: true } : {};
      // Where nobody can be asked later, a call that may be paid is one that may have been.
      const isUnclear = answer.sent && answer.billed === "maybe" && !lane.provider.remembers;
      const { remembers } = lane.provider;
      const { sent, billed: said, declined = false } = answer;
      const unreached = isUnreached(lane, answer);
      const cost = costOfFailure({ sent, unreached, billed: said, declined, remembers, outage: call.outage });
      const counted = COUNTED[cost];
      const kept = sent && turn !== undefined ? { ...turn, begun: call.begun, counted, ...unpaid } : call.unsure;
      const open = answer.sent
        ? withTurn(box.current, step, kept)
        : withoutCall(box.current, call.prior, step, call.unsure);
      const next = isUnclear ? withMaybe(open, step) : open;
      if (call.outage) {
        const { message } = answer;
        const rest = { kind: "blocked", reason: "outage", message, receipt: next, ...call.pass } as const;
        if (cost !== "attempt") throw new EndRun(rest);
        await blockLane(context, lane, claimed.token, rest);
      }
      if (cost === "nothing") throw new EndRun(waitForConnection(context, next, answer.message));
      const billed = billedWith(next, isSure ? answer.billed : "maybe");
      const mayBeFound = kept !== undefined && lane.provider.remembers;
      throw new EndRun(
        providerFailed(context, next, answer.code, answer.message, billed, answer.retryAfterMs, mayBeFound),
      );
    }
    case "blocked": {
      const receipt = afterRefusal(box.current, call);
      throw new EndRun(await refusedByAccount(context, lane, claimed, answer, { step, pass: call.pass, receipt }));
    }
    case "throttled": {
      const askedMs = Math.min(answer.retryAfterMs, context.timing.retryAfterCapMs);
      const delayMs = askedMs + Math.floor(context.random() * 1_000);
      const receipt = afterRefusal(box.current, call);
      throw new EndRun({
        kind: "later",
        reason: "rate_limit",
        delayMs,
        receipt,
        message: answer.message,
        refused: call.begun,
      });
    }
    case "busy": {
      // What runs there is this turn only if it had been sent before, and then it may be counted already; otherwise the
      // one before it is not over yet.
      const { unsure } = call;
      const known = {
        begun: unsure !== undefined,
        ...(unsure?.maybe === true ? { maybe: true } : {}),
        // This call was refused, and costs no attempt; one that runs still has not lost its answer.
        ...(unsure === undefined ? { counted: true as const } : {}),
        ...(unsure?.counted === undefined ? {} : { counted: unsure.counted }),
      };
      const receipt = withoutLostAnswer(
        withTurn(box.current, step, turn === undefined ? undefined : { ...turn, ...known }),
        step,
      );
      if (serverNow() - (receipt.firstIntentAt ?? serverNow()) > LONGEST_RUN_MS + context.timing.deadlineMs) {
        const outcome = outcomeOf(receipt, "timeout", "the provider's session stays busy", "maybe");
        throw new EndRun({ kind: "settle", outcome });
      }
      throw new EndRun({
        kind: "later",
        reason: "provider_busy",
        delayMs: context.timing.lookMs,
        receipt,
        message: answer.message,
      });
    }
    case "session_lost": {
      const { clarifiedStep: _, clarifiedWith: __, ...kept } = withTurn(box.current, step, undefined);
      const receipt = { ...withExchanges(kept, 0), generation: box.current.generation + 1 };
      if (receipt.generation >= MOST_GENERATIONS) {
        const outcome = outcomeOf(receipt, "provider_error", answer.message);
        throw new EndRun({ kind: "settle", outcome });
      }
      throw new EndRun(providerFailed(context, receipt, "provider_error", answer.message));
    }
    case "clarification": {
      const reply = answerTo(prepared.recipe, answer.question);
      if (reply === undefined || box.current.clarifiedStep === step) {
        const message = `the provider asks: ${answer.question} (answer it for all that ask: darkroom questions ${claimed.spec.id})`;
        const receipt = answered(withTurn(box.current, step, undefined));
        const outcome = outcomeOf(receipt, "needs_clarification", message);
        const question = { text: answer.question, options: answer.options };
        throw new EndRun({ kind: "settle", outcome: { ...outcome, question } });
      }
      box.current = {
        ...withTurn(box.current, step, undefined),
        clarifiedStep: step,
        clarifiedWith: reply,
        exchanges: box.current.exchanges + 1,
      };
      return "answer-it";
    }
    case "aborted": {
      const kept = answer.sent ? turn && { ...turn, stopped: call.begun } : call.unsure;
      box.current = answer.sent && turn?.outputUrl !== undefined ? box.current : withTurn(box.current, step, kept);
      throw new Error(answer.message);
    }
  }
  return answer satisfies never;
}

/** The receipt after a call that the account refused: the provider may remember it. */
function afterRefusal(receipt: Receipt, { prior, step, unsure, begun }: EndedCall): Receipt {
  const counted = begun ? { ...receipt, refusedCalls: (receipt.refusedCalls ?? 0) + 1 } : receipt;
  return withoutCall(counted, prior, step, unsure);
}
