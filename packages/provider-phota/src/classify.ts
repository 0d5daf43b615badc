import type { OutcomeCode } from "@darkroom/core";
import { redact, saysLinkUnreached, type EnhanceAnswer } from "@darkroom/provider-kit";
import type { Fault } from "./fault.ts";

/** Delay after a rate limit if the provider states none. */
export const DEFAULT_THROTTLE_MS = 10_000;
/** Minimum delay after a rate limit that claims to be over at once. */
const MIN_THROTTLE_MS = 1_000;

type Verdict =
  | { readonly kind: "refused"; readonly code: OutcomeCode }
  | { readonly kind: "failed"; readonly billed: "no" | "maybe" }
  | { readonly kind: "blocked"; readonly reason: "auth" | "balance" }
  | { readonly kind: "throttled" | "link_unreached" };

interface Rule {
  readonly verdict: Verdict;
  /** A message for the user. */
  readonly says: string;
  readonly codes?: readonly string[];
  readonly statuses?: readonly number[];
  /** Matched against the text if the status is one of {@link wordStatuses}. */
  readonly words?: RegExp;
  readonly otherwise?: (status: number) => boolean;
}

/** Statuses whose meaning depends on the text. */
const wordStatuses: readonly number[] = [400, 415];
/** Statuses whose text may say that a link was unreachable. */
const linkStatuses: readonly number[] = [...wordStatuses, 422, 424];

/**
 * The meaning of each error (provider contract B). Precedence: code, plain status, text, then the other statuses;
 * within each, the first matching row applies. A refusal with a stated cause made and billed nothing. If the answer may
 * have been lost, the call may be billed.
 */
const RULES: readonly Rule[] = [
  {
    verdict: { kind: "refused", code: "content_policy" },
    says: "refused the content",
    codes: ["CONTENT_MODERATION", "CONTENT_POLICY", "CONTENT_POLICY_VIOLATION", "CONTENT_FILTER"],
    words: /content[ _-](?:moderation|policy|filter)|\bmoderat(?:ed|ion)\b|\bnsfw\b/i,
  },
  {
    verdict: { kind: "blocked", reason: "balance" },
    says: "says that the account is out of credit; top it up",
    codes: ["INSUFFICIENT_CREDITS", "INSUFFICIENT_BALANCE", "PAYMENT_REQUIRED", "OUT_OF_CREDITS"],
    statuses: [402],
  },
  {
    verdict: { kind: "blocked", reason: "auth" },
    says: "does not accept the API key; check it and its rights",
    codes: ["UNAUTHORIZED", "INVALID_API_KEY", "FORBIDDEN"],
    statuses: [401, 403],
  },
  {
    verdict: { kind: "throttled" },
    says: "says that the account's limit is reached",
    codes: ["RATE_LIMITED", "RATE_LIMIT_EXCEEDED", "TOO_MANY_REQUESTS"],
    statuses: [429],
  },
  {
    verdict: { kind: "refused", code: "no_face" },
    says: "saw no face in the picture",
    codes: ["NO_FACE", "NO_FACE_DETECTED"],
    words: /\bno (?:\w+ )?faces?\b|\bface (?:is |was )?(?:required|not (?:detected|found|visible))/i,
  },
  { verdict: { kind: "refused", code: "too_large" }, says: "calls the picture too large", statuses: [413] },
  {
    verdict: { kind: "refused", code: "invalid_image" },
    says: "cannot use the picture",
    codes: ["INVALID_IMAGE", "INVALID_IMAGE_URL", "UNSUPPORTED_IMAGE", "IMAGE_DECODE_ERROR"],
    words:
      /\b(?:invalid|unsupported|corrupt\w*|unreadable|broken)\b[^.]{0,40}\bimages?\b|\bimages?\b[^.]{0,60}\b(?:invalid|unsupported|not supported|corrupt\w*|decode\w*|too (?:large|small|big)|format)\b|\b(?:decode|fetch|download|open|read)\b[^.]{0,40}\bimage\b/i,
  },
  {
    verdict: { kind: "refused", code: "invalid_request" },
    says: "does not know what was asked for",
    statuses: [404],
  },
  {
    verdict: { kind: "refused", code: "invalid_request" },
    says: "called the request malformed",
    // An unlisted refusal of the request itself is permanent.
    otherwise: (status) => status >= 400 && status < 500 && status !== 408 && status !== 425,
  },
  {
    verdict: { kind: "failed", billed: "maybe" },
    says: "failed for the moment",
    otherwise: (status) => status >= 500 || status === 408 || status === 425,
  },
  {
    verdict: { kind: "failed", billed: "no" },
    says: "answered with a redirect, which is not followed; check the base URL",
    otherwise: (status) => status >= 300 && status < 400,
  },
];

const UNKNOWN_ANSWER: Rule = {
  verdict: { kind: "failed", billed: "maybe" },
  says: "gave an answer that cannot be parsed",
};

/** An unreachable link and a malformed link have the same code, so the text decides. */
const UNREACHED: Rule = { verdict: { kind: "link_unreached" }, says: "could not fetch the picture by its link" };

function ruleFor(fault: Fault): Rule {
  const rule = listedRuleFor(fault);
  const { verdict } = rule;
  const mayBeLink =
    verdict.kind === "refused" && (verdict.code === "invalid_image" || verdict.code === "invalid_request");
  return mayBeLink && linkStatuses.includes(fault.status) && saysLinkUnreached(fault.words) ? UNREACHED : rule;
}

function listedRuleFor({ status, codes, words }: Fault): Rule {
  return (
    RULES.find((rule) => rule.codes?.some((code) => codes.includes(code))) ??
    RULES.find((rule) => rule.statuses?.includes(status)) ??
    RULES.find((rule) => wordStatuses.includes(status) && rule.words?.test(words)) ??
    RULES.find((rule) => rule.otherwise?.(status)) ??
    UNKNOWN_ANSWER
  );
}

/** Returns the answer for a fault. */
export function classify(
  fault: Fault,
  asked: { readonly secrets: readonly string[]; readonly profileIds: readonly string[] },
) {
  const { verdict, says } = ruleFor(fault);
  const told = fault.words === "" ? fault.codes.join(", ") : fault.words;
  const words = fault.status === 404 ? unknownWhat(told, asked.profileIds) : told;
  const message = redact(`Phota ${says} (HTTP ${fault.status})${words === "" ? "" : `: ${words}`}`, asked.secrets);
  return answerOf(verdict, fault, message);
}

/** Returns the subject of a 404: the profile named by the answer, or the profiles named by the request. */
function unknownWhat(words: string, profileIds: readonly string[]): string {
  if (profileIds.length === 0) return `${words === "" ? "" : `${words}; `}no profile was named, so check the base URL`;
  if (profileIds.some((id) => words.includes(id))) return words;
  const named = `of the profiles ${profileIds.join(", ")} at least one is unknown to this account`;
  return words === "" ? named : `${words}; ${named}`;
}

function answerOf(verdict: Verdict, { retryAfterMs }: Fault, message: string): EnhanceAnswer {
  switch (verdict.kind) {
    case "refused":
      return { kind: "refused", code: verdict.code, billed: "no", message };
    case "blocked":
      return { kind: "blocked", reason: verdict.reason, message };
    case "throttled": {
      const waitMs = Math.max(MIN_THROTTLE_MS, retryAfterMs ?? DEFAULT_THROTTLE_MS);
      return { kind: "throttled", retryAfterMs: waitMs, message };
    }
    case "link_unreached":
      return { kind: "link_unreached", message };
    case "failed": {
      const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
      return { kind: "failed", code: "provider_error", sent: true, billed: verdict.billed, message, ...wait };
    }
    default:
      return verdict satisfies never;
  }
}
