import {
  billedWith,
  callOf,
  hasLink,
  outcomeOf,
  outcomeOfAnswer,
  whileBusy,
  withClarification,
  withFailedAttempt,
  withFailedCall,
  withLostSession,
  withoutCall,
  withOutput,
  withPictures,
  withQuestion,
  withRefusal,
  withRefusedCall,
  withStoppedCall,
  withUnsentCall,
  type Receipt,
} from "@darkroom/core";
import type { EnhanceAnswer } from "@darkroom/provider-kit";
import { linkUnreached, providerFailed, waitForConnection, type FailureLimits } from "../run/after-failure.ts";
import type { BlockedEnding, RunDecision, RunEnding } from "../run/run-ending.ts";
import { costOfFailure } from "./cost-of-failure.ts";
import { linksOf, type Enhanced } from "./enhanced-pictures.ts";

/** Sessions lost before the portrait is considered at fault. */
const MOST_GENERATIONS = 3;
/** The longest time that an agent may run (provider contract A.5). A session that is busy for longer is stuck. */
const LONGEST_RUN_MS = 3_600_000;

/** How a failed call that may still be recalled counts, by the cost of its failure. */
const COUNTS = { attempt: "attempt", "unless-found": "outage", nothing: "nothing" } as const;

/** A call that has left the gate. */
export interface EndedCall {
  readonly step: number;
  /**
   * The receipt before the intent. If it contains a present call of this step, that earlier call is unanswered and is
   * restored when the new call did not arrive.
   */
  readonly prior: Receipt;
  /** The provider had begun to answer, so it may still be working, although the stream was cut off. */
  readonly begun: boolean;
  /** The call failed in an outage: the worker blocks the lane and counts no attempt. */
  readonly outage: boolean;
  /** Why the photo could not be read while it was sent inside the request. */
  readonly pictureFault?: unknown;
}

/** The inputs, other than the receipt and the call, that determine an answer's meaning. */
export interface AnswerRules extends FailureLimits {
  /** The provider's memory can be queried later about a call. */
  readonly remembers: boolean;
  /** Whether an unreachable provider counts towards an outage; see `isUnreached`. */
  readonly countsOutages: boolean;
  /** For the command in the message about the question. */
  readonly batchId: string;
  /** Returns the reply to a question, or undefined if there is none. */
  readonly replyTo: (question: string) => string | undefined;
}

/** The meaning of an answer: the new receipt and the next step. */
export interface Interpretation {
  readonly receipt: Receipt;
  readonly next: NextStep;
}

type NextStep =
  /** Links to the pictures, with the receipt to write. Unless `finished`, a newer picture may follow. */
  | { readonly kind: "output"; readonly pictures: Enhanced; readonly finished: boolean }
  /** The pictures themselves, with the receipt to write. */
  | { readonly kind: "pictures"; readonly pictures: Enhanced }
  /** Answer the question at once in the same session. */
  | { readonly kind: "answer-question" }
  /** The account refused the call. Whether its lane is blocked depends on other portraits. */
  | { readonly kind: "account-refused"; readonly reason: "auth" | "balance"; readonly message: string }
  /** The run ends. If `outage` is set, its lane is blocked first. */
  | { readonly kind: "end"; readonly ending: RunEnding; readonly outage?: BlockedEnding }
  /** The run fails because of a fault outside the provider. */
  | { readonly kind: "fault"; readonly error: unknown };

/**
 * The only place that decides what an answer means for its portrait. Pure; `interpret-answer.test.ts` has the full
 * table. A picture seen during the call is paid for and is kept, unless the provider refused the portrait itself.
 *
 * @param receipt the receipt after the call, with its intent and everything seen during the call
 */
export function interpretAnswer(
  receipt: Receipt,
  call: EndedCall,
  answer: EnhanceAnswer,
  rules: AnswerRules,
): Interpretation {
  const { step } = call;
  switch (answer.kind) {
    case "output": {
      const { url, variations = [], knownSubjects } = answer;
      const pictures: Enhanced = { kind: "urls", urls: [url, ...variations], knownSubjects };
      const next = { kind: "output", pictures, finished: answer.unfinished !== true } as const;
      return { receipt: withOutput(receipt, step, answer, rules.now), next };
    }
    case "pictures": {
      const { pictures, knownSubjects } = answer;
      const next = { kind: "pictures", pictures: { kind: "pictures", pictures, knownSubjects } } as const;
      return { receipt: withPictures(receipt, step, rules.now), next };
    }
    case "refused": {
      const after = withRefusal(receipt, step, answer.billed);
      const outcome = outcomeOf(after, answer.code, answer.message, billedWith(after, answer.billed));
      return { receipt: after, next: { kind: "end", ending: { kind: "settle", outcome } } };
    }
    case "link_unreached": {
      const after = afterRefusal(receipt, call);
      const billed = billedWith(after, isSurelyFirst(call) ? "no" : "maybe");
      return ended(receipt, linkUnreached(after, answer.message, billed, rules));
    }
    case "failed":
      return afterFailure(receipt, call, answer, rules);
    case "blocked": {
      const { reason, message } = answer;
      return { receipt: afterRefusal(receipt, call), next: { kind: "account-refused", reason, message } };
    }
    case "throttled": {
      const { timing, random } = rules;
      const delayMs = Math.min(answer.retryAfterMs, timing.retryAfterCapMs) + Math.floor(random() * 1_000);
      const { message } = answer;
      const ending = { kind: "later", reason: "rate_limit", delayMs, message, refused: call.begun } as const;
      return ended(receipt, { receipt: afterRefusal(receipt, call), ending });
    }
    case "busy":
      return ended(receipt, afterBusy(receipt, call, answer.message, rules));
    case "session_lost":
      return ended(receipt, afterLostSession(receipt, step, answer.message, rules));
    case "clarification":
      return afterQuestion(receipt, step, answer, rules);
    case "aborted": {
      const error = new Error(answer.message);
      if (hasLink(callOf(receipt, step))) return { receipt, next: { kind: "fault", error } };
      const { prior, begun } = call;
      const after = answer.sent ? withStoppedCall(receipt, step, begun) : withUnsentCall(receipt, prior);
      return { receipt: after, next: { kind: "fault", error } };
    }
  }
  return answer satisfies never;
}

/** True when no earlier call of this step may have been paid. */
function isSurelyFirst({ prior, step }: EndedCall): boolean {
  const unsure = callOf(prior, step);
  return unsure === undefined || unsure.status === "unpaid";
}

/** Returns the receipt after the account refused a call. The provider may remember that call. */
function afterRefusal(receipt: Receipt, { prior, step, begun }: EndedCall): Receipt {
  return withoutCall(begun ? withRefusedCall(receipt) : receipt, prior, step);
}

function afterFailure(
  receipt: Receipt,
  call: EndedCall,
  answer: Extract<EnhanceAnswer, { kind: "failed" }>,
  rules: AnswerRules,
): Interpretation {
  const { step, prior, begun, outage, pictureFault } = call;
  const { sent, message, billed: said, declined = false } = answer;
  if (!sent && pictureFault !== undefined) {
    return { receipt: withoutCall(receipt, prior, step), next: { kind: "fault", error: pictureFault } };
  }
  const { remembers } = rules;
  const isSure = isSurelyFirst(call);
  const unreached = answer.unreached === true && rules.countsOutages;
  const cost = costOfFailure({ sent, unreached, billed: said, declined, remembers, outage });
  const isSeen = hasLink(callOf(receipt, step));
  // Without a memory to query, a call that may have been paid stays unresolved.
  const unclear = said === "maybe" && !remembers;
  const ofCall = { begun, counts: COUNTS[cost], unpaid: said === "no" && isSure, unclear };
  const open = sent ? withFailedCall(receipt, step, ofCall) : withoutCall(receipt, prior, step);
  const after = !sent && cost === "attempt" ? withFailedAttempt(open, step, rules.now) : open;
  const rest: BlockedEnding = { kind: "blocked", reason: "outage", message };
  if (outage && cost !== "attempt") return ended(receipt, { receipt: after, ending: rest });
  if (cost === "nothing") return ended(receipt, waitForConnection(after, message, rules));
  const failure = {
    code: answer.code,
    message,
    billed: billedWith(after, isSure ? said : "maybe"),
    retryAfterMs: answer.retryAfterMs,
    mayBeFound: isSeen || (callOf(after, step) !== undefined && remembers),
  };
  const decision = ended(receipt, providerFailed(after, failure, rules));
  return outage && decision.next.kind === "end" ? { ...decision, next: { ...decision.next, outage: rest } } : decision;
}

function afterBusy(
  receipt: Receipt,
  { prior, step }: EndedCall,
  message: string,
  { timing, now }: AnswerRules,
): RunDecision {
  const after = whileBusy(receipt, prior, step);
  if (now - (after.firstIntentAt ?? now) > LONGEST_RUN_MS + timing.deadlineMs) {
    const outcome = outcomeOf(after, "timeout", "the provider's session stays busy", "maybe");
    return { receipt, ending: { kind: "settle", outcome } };
  }
  const ending = { kind: "later", reason: "provider_busy", delayMs: timing.lookMs, message } as const;
  return { receipt: after, ending };
}

function afterLostSession(receipt: Receipt, step: number, message: string, rules: AnswerRules): RunDecision {
  const after = withLostSession(receipt, step);
  if (after.session.generation < MOST_GENERATIONS) {
    const mayBeFound = hasLink(callOf(receipt, step));
    const counted = withFailedAttempt(after, step, rules.now);
    return providerFailed(counted, { code: "provider_error", message, mayBeFound }, rules);
  }
  return { receipt, ending: { kind: "settle", outcome: outcomeOf(after, "provider_error", message) } };
}

function afterQuestion(
  receipt: Receipt,
  step: number,
  { question, options }: Extract<EnhanceAnswer, { kind: "clarification" }>,
  { batchId, replyTo }: AnswerRules,
): Interpretation {
  const pictures = linksOf(callOf(receipt, step));
  if (pictures !== undefined) return { receipt, next: { kind: "output", pictures, finished: true } };
  const open = withQuestion(receipt, step);
  const reply = replyTo(question);
  if (reply === undefined || receipt.session.clarified?.step === step) {
    const message = `the provider asks: ${question} (answer it for all that ask: darkroom questions ${batchId})`;
    const outcome = outcomeOfAnswer(open, "needs_clarification", message);
    return ended(receipt, {
      receipt,
      ending: { kind: "settle", outcome: { ...outcome, question: { text: question, options } } },
    });
  }
  return { receipt: withClarification(open, step, reply), next: { kind: "answer-question" } };
}

/** A portrait that ends keeps the call's receipt, because the receipt identifies its sessions. */
function ended(receipt: Receipt, decision: RunDecision): Interpretation {
  const { ending } = decision;
  return { receipt: ending.kind === "settle" ? receipt : decision.receipt, next: { kind: "end", ending } };
}
