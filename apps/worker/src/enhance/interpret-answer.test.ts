import {
  attemptsOf,
  callOf,
  EMPTY_RECEIPT,
  intended,
  isOpenCall,
  MICRO,
  moneyOf,
  type Call,
  type OrderedCall,
  type Receipt,
} from "@darkroom/core";
import type { EnhanceAnswer } from "@darkroom/provider-kit";
import { describe, expect, it } from "vitest";
import { interpretAnswer, type AnswerRules, type EndedCall, type Interpretation } from "./interpret-answer.ts";

const NOW = 10_000_000;
const PRICE = 100;
const URL_SEEN = "https://cdn.test/seen.jpg";

const timing = {
  deadlineMs: 600_000,
  idleMs: 90_000,
  attempts: 3,
  backoff: { baseMs: 1_000, capMs: 8_000 },
  lookMs: 5_000,
  retryAfterCapMs: 60_000,
};
const rules: AnswerRules = {
  timing,
  random: () => 0.5,
  now: NOW,
  remembers: true,
  countsOutages: true,
  batchId: "b",
  replyTo: (question) => (question === "known?" ? "yes" : undefined),
};

const INTENT: Call = { step: 0, at: NOW - 1_000, generation: 0, priceMicroUsd: PRICE, status: "intended" };
const called: Receipt = {
  ...EMPTY_RECEIPT,
  round: 0,
  firstIntentAt: NOW - 1_000,
  fingerprint: "f",
  steps: 1,
  calls: [INTENT],
};
const withCalls = (...calls: readonly Call[]): Receipt => ({ ...called, calls });
/** An earlier call that counts as an attempt and cost nothing. */
const FREE: Call = { step: 0, at: NOW - 2_000, generation: 0, status: "free", counts: "attempt" };
/** An unanswered earlier call of the step, as a failed call leaves it. */
const unpaid = withCalls({ ...INTENT, status: "unpaid", counts: "attempt", resend: true });
const unsure = withCalls({ ...INTENT, status: "unclear", trace: "begun", counts: "attempt", resend: true });
/** The same call when the memory does not know the call, because the request may never have arrived. */
const missing = withCalls(FREE, { ...INTENT, looks: 2, resend: true });
const shown: Receipt = {
  ...withCalls({ ...INTENT, status: "answered", outputs: { urls: [URL_SEEN], at: NOW - 500 } }),
  session: { generation: 0, exchanges: 1 },
};
const ORDERED: Omit<OrderedCall, "stepPricesUsd"> = {
  round: 0,
  remembers: true,
  fingerprint: "f",
  order: { identity: "ana", photo: { etag: "a", sizeBytes: 1 } },
};
/** The receipt with the intent of a call after an earlier one of the same step. */
const sentAgain = (prior: Receipt): Receipt =>
  intended(prior, { ...ORDERED, stepPricesUsd: [PRICE / MICRO] }, 0, NOW - 1_000);

/** Every state in which a call can end: the receipt after it, and the receipt before its intent. */
const CALLS = {
  first: { receipt: called, prior: EMPTY_RECEIPT, begun: false },
  begun: { receipt: called, prior: EMPTY_RECEIPT, begun: true },
  "sent again": { receipt: sentAgain(unsure), prior: unsure, begun: false },
  "sent again, perhaps for the first time": { receipt: sentAgain(missing), prior: missing, begun: false },
  "sent again, unpaid before": { receipt: sentAgain(unpaid), prior: unpaid, begun: false },
  "begun, and its picture seen": { receipt: shown, prior: EMPTY_RECEIPT, begun: true },
} as const;
type CallName = keyof typeof CALLS;

const said = { message: "m", requestId: undefined };

/** Every kind of answer, with failures in each variant that affects money. */
const ANSWERS = {
  output: { kind: "output", url: "https://cdn.test/new.jpg" },
  unfinished: { kind: "output", url: "https://cdn.test/new.jpg", unfinished: true },
  pictures: { kind: "pictures", pictures: [new Uint8Array([1])] },
  "refused free": { kind: "refused", code: "content_policy", billed: "no" },
  "refused paid": { kind: "refused", code: "corrupt_output", billed: "yes" },
  "refused maybe": { kind: "refused", code: "corrupt_output", billed: "maybe" },
  "link unreached": { kind: "link_unreached" },
  "not sent": { kind: "failed", code: "provider_error", sent: false, billed: "no" },
  unreached: { kind: "failed", code: "provider_error", sent: false, billed: "no", unreached: true },
  "failed free": { kind: "failed", code: "no_output", sent: true, billed: "no" },
  "failed maybe": { kind: "failed", code: "timeout", sent: true, billed: "maybe" },
  declined: { kind: "failed", code: "provider_error", sent: true, billed: "maybe", declined: true },
  blocked: { kind: "blocked", reason: "balance" },
  throttled: { kind: "throttled", retryAfterMs: 2_000 },
  busy: { kind: "busy" },
  "session lost": { kind: "session_lost" },
  "known question": { kind: "clarification", question: "known?", options: [] },
  "new question": { kind: "clarification", question: "new?", options: [] },
  "aborted unsent": { kind: "aborted", sent: false },
  "aborted sent": { kind: "aborted", sent: true },
} as const;
type AnswerName = keyof typeof ANSWERS;

function answerOf(name: AnswerName): EnhanceAnswer {
  return { ...said, ...ANSWERS[name] } as unknown as EnhanceAnswer;
}

type Variant = Partial<AnswerRules & EndedCall>;

function interpreted(call: CallName, answer: AnswerName, more: Variant = {}): Interpretation {
  const { receipt, prior, begun } = CALLS[call];
  const ended = { step: 0, prior, begun, outage: more.outage ?? false, pictureFault: more.pictureFault };
  return interpretAnswer(receipt, ended, answerOf(answer), { ...rules, ...more });
}

/**
 * Formats an interpretation: the next step, then the receipt's attempts, the present call by its state, and any money.
 */
function told({ receipt, next }: Interpretation): string {
  return [nextText(next), receiptText(receipt)].join(" | ");
}

function nextText(next: Interpretation["next"]): string {
  if (next.kind === "output") return next.finished ? "pictures" : "pictures, perhaps newer ones";
  if (next.kind !== "end") return next.kind;
  const { ending, outage } = next;
  const blocks = outage === undefined ? "" : "block lane, ";
  if (ending.kind === "settle") return `${blocks}${ending.outcome.code} billed ${ending.outcome.billed}`;
  if (ending.kind === "later") {
    return `${blocks}later: ${ending.reason} in ${ending.delayMs}${ending.refused === true ? ", refused" : ""}`;
  }
  return ending.kind === "blocked" ? `blocked: ${ending.reason}` : ending.kind;
}

function receiptText(receipt: Receipt): string {
  const { paid, maybe, lost } = moneyOf(receipt);
  const money = Object.entries({ paid, maybe, lost }).flatMap(([name, micro]) =>
    micro === 0 ? [] : [`${name} ${micro}`],
  );
  const { generation, exchanges, refusedCalls } = receipt.session;
  const counts = [
    `attempts ${attemptsOf(receipt)}`,
    ...(receipt.storageFailures === 0 ? [] : [`store ${receipt.storageFailures}`]),
    ...(refusedCalls === undefined ? [] : [`refused ${refusedCalls}`]),
    ...(generation === 0 ? [] : [`session ${generation}`]),
    ...(exchanges === 0 ? [] : [`exchanges ${exchanges}`]),
    receipt.firstIntentAt === undefined ? "never called" : callText(callOf(receipt, 0)),
  ];
  return [...counts, ...money].join(", ");
}

function callText(call: Call | undefined): string {
  if (call === undefined) return "no call";
  const { status, trace, counts, outputs } = call;
  const answered = outputs === undefined || outputs.urls.length > 0 ? "seen" : "paid";
  const state = status === "unpaid" ? status : isOpenCall(call) ? "open" : answered;
  return [
    state,
    ...(trace === undefined ? [] : [trace]),
    ...(status === "unclear" ? ["maybe"] : []),
    ...(counts === undefined || counts === "nothing" || counts === "attempt" ? [] : [counts]),
  ].join(" ");
}

/** One row for each kind of answer. One column for each state of its call, in the order of `CALLS`. */
const TABLE: Readonly<Record<AnswerName, Readonly<Record<CallName, string>>>> = {
  output: {
    first: "pictures | attempts 0, exchanges 1, seen, paid 100",
    begun: "pictures | attempts 0, exchanges 1, seen, paid 100",
    "sent again": "pictures | attempts 1, exchanges 1, seen, paid 100, maybe 100",
    "sent again, perhaps for the first time": "pictures | attempts 1, exchanges 1, seen, paid 100",
    "sent again, unpaid before": "pictures | attempts 1, exchanges 1, seen, paid 100",
    "begun, and its picture seen": "pictures | attempts 0, exchanges 1, seen, paid 100",
  },
  unfinished: {
    first: "pictures, perhaps newer ones | attempts 0, exchanges 1, seen, paid 100",
    begun: "pictures, perhaps newer ones | attempts 0, exchanges 1, seen, paid 100",
    "sent again": "pictures, perhaps newer ones | attempts 1, exchanges 1, seen, paid 100, maybe 100",
    "sent again, perhaps for the first time": "pictures, perhaps newer ones | attempts 1, exchanges 1, seen, paid 100",
    "sent again, unpaid before": "pictures, perhaps newer ones | attempts 1, exchanges 1, seen, paid 100",
    "begun, and its picture seen": "pictures, perhaps newer ones | attempts 0, exchanges 1, seen, paid 100",
  },
  pictures: {
    first: "pictures | attempts 0, exchanges 1, paid, paid 100",
    begun: "pictures | attempts 0, exchanges 1, paid, paid 100",
    "sent again": "pictures | attempts 1, exchanges 1, paid, paid 100, maybe 100",
    "sent again, perhaps for the first time": "pictures | attempts 1, exchanges 1, paid, paid 100",
    "sent again, unpaid before": "pictures | attempts 1, exchanges 1, paid, paid 100",
    "begun, and its picture seen": "pictures | attempts 0, exchanges 1, paid, paid 100",
  },
  "refused free": {
    first: "content_policy billed no | attempts 1, no call",
    begun: "content_policy billed no | attempts 1, no call",
    "sent again": "content_policy billed maybe | attempts 2, no call, maybe 100",
    "sent again, perhaps for the first time": "content_policy billed no | attempts 2, no call",
    "sent again, unpaid before": "content_policy billed no | attempts 2, no call",
    "begun, and its picture seen": "content_policy billed yes | attempts 1, exchanges 1, no call, paid 100",
  },
  "refused paid": {
    first: "corrupt_output billed yes | attempts 1, no call, paid 100",
    begun: "corrupt_output billed yes | attempts 1, no call, paid 100",
    "sent again": "corrupt_output billed maybe | attempts 2, no call, paid 100, maybe 100",
    "sent again, perhaps for the first time": "corrupt_output billed yes | attempts 2, no call, paid 100",
    "sent again, unpaid before": "corrupt_output billed yes | attempts 2, no call, paid 100",
    "begun, and its picture seen": "corrupt_output billed yes | attempts 1, exchanges 1, seen, paid 100",
  },
  "refused maybe": {
    first: "corrupt_output billed maybe | attempts 1, open maybe, maybe 100",
    begun: "corrupt_output billed maybe | attempts 1, open maybe, maybe 100",
    "sent again": "corrupt_output billed maybe | attempts 2, open maybe, maybe 200",
    "sent again, perhaps for the first time": "corrupt_output billed maybe | attempts 2, open maybe, maybe 100",
    "sent again, unpaid before": "corrupt_output billed maybe | attempts 2, open maybe, maybe 100",
    "begun, and its picture seen": "corrupt_output billed maybe | attempts 1, exchanges 1, open maybe, maybe 100",
  },
  "link unreached": {
    first: "later: storage in 500 | attempts 0, store 1, never called",
    begun: "later: storage in 500 | attempts 0, store 1, refused 1, never called",
    "sent again": "later: storage in 500 | attempts 1, store 1, open begun maybe, maybe 100",
    "sent again, perhaps for the first time": "later: storage in 500 | attempts 1, store 1, open",
    "sent again, unpaid before": "later: storage in 500 | attempts 1, store 1, unpaid",
    "begun, and its picture seen":
      "later: storage in 500 | attempts 0, store 1, refused 1, exchanges 1, seen, paid 100",
  },
  "not sent": {
    first: "later: provider_retry in 500 | attempts 1, never called",
    begun: "later: provider_retry in 500 | attempts 1, never called",
    "sent again": "later: provider_retry in 1000 | attempts 2, open begun maybe, maybe 100",
    "sent again, perhaps for the first time": "later: provider_retry in 1000 | attempts 2, open",
    "sent again, unpaid before": "later: provider_retry in 1000 | attempts 2, unpaid",
    "begun, and its picture seen": "later: provider_retry in 500 | attempts 1, exchanges 1, seen, paid 100",
  },
  unreached: {
    first: "later: provider_retry in 500 | attempts 0, never called",
    begun: "later: provider_retry in 500 | attempts 0, never called",
    "sent again": "later: provider_retry in 500 | attempts 1, open begun maybe, maybe 100",
    "sent again, perhaps for the first time": "later: provider_retry in 500 | attempts 1, open",
    "sent again, unpaid before": "later: provider_retry in 500 | attempts 1, unpaid",
    "begun, and its picture seen": "later: provider_retry in 500 | attempts 0, exchanges 1, seen, paid 100",
  },
  "failed free": {
    first: "later: provider_retry in 500 | attempts 1, unpaid",
    begun: "later: provider_retry in 500 | attempts 1, unpaid begun",
    "sent again": "later: provider_retry in 1000 | attempts 2, open, maybe 100",
    "sent again, perhaps for the first time": "later: provider_retry in 1000 | attempts 2, open",
    "sent again, unpaid before": "later: provider_retry in 1000 | attempts 2, unpaid",
    "begun, and its picture seen": "later: provider_retry in 500 | attempts 1, exchanges 1, seen begun, paid 100",
  },
  "failed maybe": {
    first: "later: provider_retry in 500 | attempts 1, open",
    begun: "later: provider_retry in 500 | attempts 1, open begun",
    "sent again": "later: provider_retry in 1000 | attempts 2, open, maybe 100",
    "sent again, perhaps for the first time": "later: provider_retry in 1000 | attempts 2, open",
    "sent again, unpaid before": "later: provider_retry in 1000 | attempts 2, open",
    "begun, and its picture seen": "later: provider_retry in 500 | attempts 1, exchanges 1, seen begun, paid 100",
  },
  declined: {
    first: "later: provider_retry in 500 | attempts 1, open",
    begun: "later: provider_retry in 500 | attempts 1, open begun",
    "sent again": "later: provider_retry in 1000 | attempts 2, open, maybe 100",
    "sent again, perhaps for the first time": "later: provider_retry in 1000 | attempts 2, open",
    "sent again, unpaid before": "later: provider_retry in 1000 | attempts 2, open",
    "begun, and its picture seen": "later: provider_retry in 500 | attempts 1, exchanges 1, seen begun, paid 100",
  },
  blocked: {
    first: "account-refused | attempts 0, never called",
    begun: "account-refused | attempts 0, refused 1, never called",
    "sent again": "account-refused | attempts 1, open begun maybe, maybe 100",
    "sent again, perhaps for the first time": "account-refused | attempts 1, open",
    "sent again, unpaid before": "account-refused | attempts 1, unpaid",
    "begun, and its picture seen": "account-refused | attempts 0, refused 1, exchanges 1, seen, paid 100",
  },
  throttled: {
    first: "later: rate_limit in 2500 | attempts 0, never called",
    begun: "later: rate_limit in 2500, refused | attempts 0, refused 1, never called",
    "sent again": "later: rate_limit in 2500 | attempts 1, open begun maybe, maybe 100",
    "sent again, perhaps for the first time": "later: rate_limit in 2500 | attempts 1, open",
    "sent again, unpaid before": "later: rate_limit in 2500 | attempts 1, unpaid",
    "begun, and its picture seen":
      "later: rate_limit in 2500, refused | attempts 0, refused 1, exchanges 1, seen, paid 100",
  },
  busy: {
    first: "later: provider_busy in 5000 | attempts 0, open",
    begun: "later: provider_busy in 5000 | attempts 0, open",
    "sent again": "later: provider_busy in 5000 | attempts 1, open begun maybe, maybe 100",
    "sent again, perhaps for the first time": "later: provider_busy in 5000 | attempts 1, open begun",
    "sent again, unpaid before": "later: provider_busy in 5000 | attempts 1, open begun",
    "begun, and its picture seen": "later: provider_busy in 5000 | attempts 0, exchanges 1, seen, paid 100",
  },
  "session lost": {
    first: "later: provider_retry in 500 | attempts 1, session 1, no call",
    begun: "later: provider_retry in 500 | attempts 1, session 1, no call",
    "sent again": "later: provider_retry in 1000 | attempts 2, session 1, no call, maybe 100",
    "sent again, perhaps for the first time": "later: provider_retry in 1000 | attempts 2, session 1, no call",
    "sent again, unpaid before": "later: provider_retry in 1000 | attempts 2, session 1, no call",
    "begun, and its picture seen": "later: provider_retry in 500 | attempts 1, session 1, seen, paid 100",
  },
  "known question": {
    first: "answer-question | attempts 0, exchanges 1, no call",
    begun: "answer-question | attempts 0, exchanges 1, no call",
    "sent again": "answer-question | attempts 1, exchanges 1, no call, maybe 100",
    "sent again, perhaps for the first time": "answer-question | attempts 1, exchanges 1, no call",
    "sent again, unpaid before": "answer-question | attempts 1, exchanges 1, no call",
    "begun, and its picture seen": "pictures | attempts 0, exchanges 1, seen, paid 100",
  },
  "new question": {
    first: "needs_clarification billed no | attempts 0, open",
    begun: "needs_clarification billed no | attempts 0, open",
    "sent again": "needs_clarification billed maybe | attempts 1, open, maybe 100",
    "sent again, perhaps for the first time": "needs_clarification billed no | attempts 1, open",
    "sent again, unpaid before": "needs_clarification billed no | attempts 1, open",
    "begun, and its picture seen": "pictures | attempts 0, exchanges 1, seen, paid 100",
  },
  "aborted unsent": {
    first: "fault | attempts 0, no call",
    begun: "fault | attempts 0, no call",
    "sent again": "fault | attempts 1, open begun maybe, maybe 100",
    "sent again, perhaps for the first time": "fault | attempts 1, open",
    "sent again, unpaid before": "fault | attempts 1, unpaid",
    "begun, and its picture seen": "fault | attempts 0, exchanges 1, seen, paid 100",
  },
  "aborted sent": {
    first: "fault | attempts 0, open",
    begun: "fault | attempts 0, open stopped",
    "sent again": "fault | attempts 1, open, maybe 100",
    "sent again, perhaps for the first time": "fault | attempts 1, open",
    "sent again, unpaid before": "fault | attempts 1, open",
    "begun, and its picture seen": "fault | attempts 0, exchanges 1, seen, paid 100",
  },
};

/** The answers whose interpretation depends on the rules. */
const VARIANTS = {
  "in an outage": { outage: true },
  "no memory": { remembers: false },
  "no memory, in an outage": { remembers: false, outage: true },
  "last attempt": { timing: { ...timing, attempts: 1 } },
  "last attempt, no memory": { remembers: false, timing: { ...timing, attempts: 1 } },
  "outages are not counted": { countsOutages: false },
} as const satisfies Readonly<Record<string, Variant>>;
type VariantName = keyof typeof VARIANTS;

const DIFFERENCES: Readonly<
  Record<VariantName, Readonly<Partial<Record<AnswerName, Partial<Record<CallName, string>>>>>>
> = {
  "in an outage": {
    "not sent": {
      first: "blocked: outage | attempts 0, never called",
      begun: "blocked: outage | attempts 0, never called",
      "sent again": "blocked: outage | attempts 1, open begun maybe, maybe 100",
      "sent again, perhaps for the first time": "blocked: outage | attempts 1, open",
      "sent again, unpaid before": "blocked: outage | attempts 1, unpaid",
      "begun, and its picture seen": "blocked: outage | attempts 0, exchanges 1, seen, paid 100",
    },
    unreached: {
      first: "blocked: outage | attempts 0, never called",
      begun: "blocked: outage | attempts 0, never called",
      "sent again": "blocked: outage | attempts 1, open begun maybe, maybe 100",
      "sent again, perhaps for the first time": "blocked: outage | attempts 1, open",
      "sent again, unpaid before": "blocked: outage | attempts 1, unpaid",
      "begun, and its picture seen": "blocked: outage | attempts 0, exchanges 1, seen, paid 100",
    },
    "failed free": {
      first: "blocked: outage | attempts 0, unpaid",
      begun: "blocked: outage | attempts 0, unpaid begun",
      "sent again": "blocked: outage | attempts 1, open, maybe 100",
      "sent again, perhaps for the first time": "blocked: outage | attempts 1, open",
      "sent again, unpaid before": "blocked: outage | attempts 1, unpaid",
      "begun, and its picture seen": "blocked: outage | attempts 0, exchanges 1, seen begun, paid 100",
    },
    "failed maybe": {
      first: "blocked: outage | attempts 0, open outage",
      begun: "blocked: outage | attempts 0, open begun outage",
      "sent again": "blocked: outage | attempts 1, open outage, maybe 100",
      "sent again, perhaps for the first time": "blocked: outage | attempts 1, open outage",
      "sent again, unpaid before": "blocked: outage | attempts 1, open outage",
      "begun, and its picture seen": "blocked: outage | attempts 0, exchanges 1, seen begun outage, paid 100",
    },
    declined: {
      first: "blocked: outage | attempts 0, open",
      begun: "blocked: outage | attempts 0, open begun",
      "sent again": "blocked: outage | attempts 1, open, maybe 100",
      "sent again, perhaps for the first time": "blocked: outage | attempts 1, open",
      "sent again, unpaid before": "blocked: outage | attempts 1, open",
      "begun, and its picture seen": "blocked: outage | attempts 0, exchanges 1, seen begun, paid 100",
    },
  },
  "no memory": {
    "failed maybe": {
      first: "later: provider_retry in 500 | attempts 1, open maybe, maybe 100",
      begun: "later: provider_retry in 500 | attempts 1, open begun maybe, maybe 100",
      "sent again": "later: provider_retry in 1000 | attempts 2, open maybe, maybe 200",
      "sent again, perhaps for the first time": "later: provider_retry in 1000 | attempts 2, open maybe, maybe 100",
      "sent again, unpaid before": "later: provider_retry in 1000 | attempts 2, open maybe, maybe 100",
    },
    declined: {
      first: "later: provider_retry in 500 | attempts 1, open maybe, maybe 100",
      begun: "later: provider_retry in 500 | attempts 1, open begun maybe, maybe 100",
      "sent again": "later: provider_retry in 1000 | attempts 2, open maybe, maybe 200",
      "sent again, perhaps for the first time": "later: provider_retry in 1000 | attempts 2, open maybe, maybe 100",
      "sent again, unpaid before": "later: provider_retry in 1000 | attempts 2, open maybe, maybe 100",
    },
  },
  "no memory, in an outage": {
    "not sent": {
      first: "blocked: outage | attempts 0, never called",
      begun: "blocked: outage | attempts 0, never called",
      "sent again": "blocked: outage | attempts 1, open begun maybe, maybe 100",
      "sent again, perhaps for the first time": "blocked: outage | attempts 1, open",
      "sent again, unpaid before": "blocked: outage | attempts 1, unpaid",
      "begun, and its picture seen": "blocked: outage | attempts 0, exchanges 1, seen, paid 100",
    },
    unreached: {
      first: "blocked: outage | attempts 0, never called",
      begun: "blocked: outage | attempts 0, never called",
      "sent again": "blocked: outage | attempts 1, open begun maybe, maybe 100",
      "sent again, perhaps for the first time": "blocked: outage | attempts 1, open",
      "sent again, unpaid before": "blocked: outage | attempts 1, unpaid",
      "begun, and its picture seen": "blocked: outage | attempts 0, exchanges 1, seen, paid 100",
    },
    "failed free": {
      first: "blocked: outage | attempts 0, unpaid",
      begun: "blocked: outage | attempts 0, unpaid begun",
      "sent again": "blocked: outage | attempts 1, open, maybe 100",
      "sent again, perhaps for the first time": "blocked: outage | attempts 1, open",
      "sent again, unpaid before": "blocked: outage | attempts 1, unpaid",
      "begun, and its picture seen": "blocked: outage | attempts 0, exchanges 1, seen begun, paid 100",
    },
    "failed maybe": {
      first: "block lane, later: provider_retry in 500 | attempts 1, open maybe, maybe 100",
      begun: "block lane, later: provider_retry in 500 | attempts 1, open begun maybe, maybe 100",
      "sent again": "block lane, later: provider_retry in 1000 | attempts 2, open maybe, maybe 200",
      "sent again, perhaps for the first time":
        "block lane, later: provider_retry in 1000 | attempts 2, open maybe, maybe 100",
      "sent again, unpaid before": "block lane, later: provider_retry in 1000 | attempts 2, open maybe, maybe 100",
      "begun, and its picture seen":
        "block lane, later: provider_retry in 500 | attempts 1, exchanges 1, seen begun, paid 100",
    },
    declined: {
      first: "block lane, later: provider_retry in 500 | attempts 1, open maybe, maybe 100",
      begun: "block lane, later: provider_retry in 500 | attempts 1, open begun maybe, maybe 100",
      "sent again": "block lane, later: provider_retry in 1000 | attempts 2, open maybe, maybe 200",
      "sent again, perhaps for the first time":
        "block lane, later: provider_retry in 1000 | attempts 2, open maybe, maybe 100",
      "sent again, unpaid before": "block lane, later: provider_retry in 1000 | attempts 2, open maybe, maybe 100",
      "begun, and its picture seen":
        "block lane, later: provider_retry in 500 | attempts 1, exchanges 1, seen begun, paid 100",
    },
  },
  "last attempt": {
    "link unreached": {
      first: "source_unreadable billed no | attempts 0, open",
      begun: "source_unreadable billed no | attempts 0, open",
      "sent again": "source_unreadable billed maybe | attempts 1, open, maybe 100",
      "sent again, perhaps for the first time": "source_unreadable billed maybe | attempts 1, open",
      "sent again, unpaid before": "source_unreadable billed no | attempts 1, open",
    },
    "not sent": {
      first: "provider_error billed no | attempts 0, open",
      begun: "provider_error billed no | attempts 0, open",
      "sent again": "later: recall in 5000 | attempts 2, open begun maybe, maybe 100",
      "sent again, perhaps for the first time": "later: recall in 5000 | attempts 2, open",
      "sent again, unpaid before": "later: recall in 5000 | attempts 2, unpaid",
      "begun, and its picture seen": "later: recall in 5000 | attempts 1, exchanges 1, seen, paid 100",
    },
    "failed free": {
      first: "later: recall in 5000 | attempts 1, unpaid",
      begun: "later: recall in 5000 | attempts 1, unpaid begun",
      "sent again": "later: recall in 5000 | attempts 2, open, maybe 100",
      "sent again, perhaps for the first time": "later: recall in 5000 | attempts 2, open",
      "sent again, unpaid before": "later: recall in 5000 | attempts 2, unpaid",
      "begun, and its picture seen": "later: recall in 5000 | attempts 1, exchanges 1, seen begun, paid 100",
    },
    "failed maybe": {
      first: "later: recall in 5000 | attempts 1, open",
      begun: "later: recall in 5000 | attempts 1, open begun",
      "sent again": "later: recall in 5000 | attempts 2, open, maybe 100",
      "sent again, perhaps for the first time": "later: recall in 5000 | attempts 2, open",
      "sent again, unpaid before": "later: recall in 5000 | attempts 2, open",
      "begun, and its picture seen": "later: recall in 5000 | attempts 1, exchanges 1, seen begun, paid 100",
    },
    declined: {
      first: "later: recall in 5000 | attempts 1, open",
      begun: "later: recall in 5000 | attempts 1, open begun",
      "sent again": "later: recall in 5000 | attempts 2, open, maybe 100",
      "sent again, perhaps for the first time": "later: recall in 5000 | attempts 2, open",
      "sent again, unpaid before": "later: recall in 5000 | attempts 2, open",
      "begun, and its picture seen": "later: recall in 5000 | attempts 1, exchanges 1, seen begun, paid 100",
    },
    "session lost": {
      first: "provider_error billed no | attempts 0, open",
      begun: "provider_error billed no | attempts 0, open",
      "sent again": "provider_error billed maybe | attempts 1, open, maybe 100",
      "sent again, perhaps for the first time": "provider_error billed no | attempts 1, open",
      "sent again, unpaid before": "provider_error billed no | attempts 1, open",
      "begun, and its picture seen": "later: recall in 5000 | attempts 1, session 1, seen, paid 100",
    },
  },
  "last attempt, no memory": {
    "link unreached": {
      first: "source_unreadable billed no | attempts 0, open",
      begun: "source_unreadable billed no | attempts 0, open",
      "sent again": "source_unreadable billed maybe | attempts 1, open, maybe 100",
      "sent again, perhaps for the first time": "source_unreadable billed maybe | attempts 1, open",
      "sent again, unpaid before": "source_unreadable billed no | attempts 1, open",
    },
    "not sent": {
      first: "provider_error billed no | attempts 0, open",
      begun: "provider_error billed no | attempts 0, open",
      "sent again": "provider_error billed maybe | attempts 1, open, maybe 100",
      "sent again, perhaps for the first time": "provider_error billed maybe | attempts 1, open",
      "sent again, unpaid before": "provider_error billed no | attempts 1, open",
      "begun, and its picture seen": "later: recall in 5000 | attempts 1, exchanges 1, seen, paid 100",
    },
    "failed free": {
      first: "no_output billed no | attempts 0, open",
      begun: "no_output billed no | attempts 0, open",
      "sent again": "no_output billed maybe | attempts 1, open, maybe 100",
      "sent again, perhaps for the first time": "no_output billed maybe | attempts 1, open",
      "sent again, unpaid before": "no_output billed no | attempts 1, open",
      "begun, and its picture seen": "later: recall in 5000 | attempts 1, exchanges 1, seen begun, paid 100",
    },
    "failed maybe": {
      first: "timeout billed maybe | attempts 0, open",
      begun: "timeout billed maybe | attempts 0, open",
      "sent again": "timeout billed maybe | attempts 1, open, maybe 100",
      "sent again, perhaps for the first time": "timeout billed maybe | attempts 1, open",
      "sent again, unpaid before": "timeout billed maybe | attempts 1, open",
      "begun, and its picture seen": "later: recall in 5000 | attempts 1, exchanges 1, seen begun, paid 100",
    },
    declined: {
      first: "provider_error billed maybe | attempts 0, open",
      begun: "provider_error billed maybe | attempts 0, open",
      "sent again": "provider_error billed maybe | attempts 1, open, maybe 100",
      "sent again, perhaps for the first time": "provider_error billed maybe | attempts 1, open",
      "sent again, unpaid before": "provider_error billed maybe | attempts 1, open",
      "begun, and its picture seen": "later: recall in 5000 | attempts 1, exchanges 1, seen begun, paid 100",
    },
    "session lost": {
      first: "provider_error billed no | attempts 0, open",
      begun: "provider_error billed no | attempts 0, open",
      "sent again": "provider_error billed maybe | attempts 1, open, maybe 100",
      "sent again, perhaps for the first time": "provider_error billed no | attempts 1, open",
      "sent again, unpaid before": "provider_error billed no | attempts 1, open",
      "begun, and its picture seen": "later: recall in 5000 | attempts 1, session 1, seen, paid 100",
    },
  },
  "outages are not counted": {
    unreached: {
      first: "later: provider_retry in 500 | attempts 1, never called",
      begun: "later: provider_retry in 500 | attempts 1, never called",
      "sent again": "later: provider_retry in 1000 | attempts 2, open begun maybe, maybe 100",
      "sent again, perhaps for the first time": "later: provider_retry in 1000 | attempts 2, open",
      "sent again, unpaid before": "later: provider_retry in 1000 | attempts 2, unpaid",
      "begun, and its picture seen": "later: provider_retry in 500 | attempts 1, exchanges 1, seen, paid 100",
    },
  },
};

const answers = Object.keys(ANSWERS) as AnswerName[];
const calls = Object.keys(CALLS) as CallName[];

describe("the meaning of an answer", () => {
  for (const answer of answers) {
    it.each(calls)(`${answer}, to a call that was: %s`, (call) => {
      expect(told(interpreted(call, answer))).toBe(TABLE[answer][call]);
    });
  }
});

describe.each(Object.keys(VARIANTS) as VariantName[])("its meaning with %s", (variant) => {
  it.each(answers)("%s", (answer) => {
    const seen = calls.map((call) => [call, told(interpreted(call, answer, VARIANTS[variant]))]);
    expect(Object.fromEntries(seen)).toEqual({ ...TABLE[answer], ...DIFFERENCES[variant][answer] });
  });
});

it("does not blame the provider for a photo that could not be read while it was sent", () => {
  const fault = new Error("the store is away");
  const { receipt, next } = interpreted("first", "not sent", { pictureFault: fault });
  expect(next).toEqual({ kind: "fault", error: fault });
  expect(receipt).toEqual(EMPTY_RECEIPT);
});

it("limits the delay that a provider asks for to what is allowed", () => {
  const { receipt, prior } = CALLS.first;
  const ended = { step: 0, prior, begun: false, outage: false };
  const answer = { ...answerOf("throttled"), retryAfterMs: 3_600_000 } as EnhanceAnswer;
  const { next } = interpretAnswer(receipt, ended, answer, rules);
  expect(next).toMatchObject({ ending: { delayMs: timing.retryAfterCapMs + 500 } });
});

it("ends the portrait if its session is busy for longer than any run lasts", () => {
  const { receipt, prior } = CALLS.first;
  const ended = { step: 0, prior, begun: false, outage: false };
  const late = { ...rules, now: NOW + 3_600_000 + timing.deadlineMs };
  const { next } = interpretAnswer(receipt, ended, answerOf("busy"), late);
  expect(next).toMatchObject({ kind: "end", ending: { outcome: { code: "timeout", billed: "maybe" } } });
});

it("ends the portrait if its session is lost repeatedly", () => {
  const receipt = { ...called, session: { generation: 2, exchanges: 0 } };
  const ended = { step: 0, prior: receipt, begun: false, outage: false };
  const { next } = interpretAnswer(receipt, ended, answerOf("session lost"), rules);
  expect(next).toMatchObject({ kind: "end", ending: { outcome: { code: "provider_error", billed: "no" } } });
});

it("answers a question once", () => {
  const receipt = { ...called, session: { generation: 0, exchanges: 0, clarified: { step: 0, answer: "yes" } } };
  const ended = { step: 0, prior: EMPTY_RECEIPT, begun: false, outage: false };
  const { next } = interpretAnswer(receipt, ended, answerOf("known question"), rules);
  expect(next).toMatchObject({ kind: "end", ending: { outcome: { code: "needs_clarification", billed: "no" } } });
});
