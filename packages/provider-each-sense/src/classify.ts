import type { Billed, OutcomeCode } from "@darkroom/core";
import { redact, saysLinkUnreached, type EnhanceAnswer } from "@darkroom/provider-kit";
import type { Fault } from "./fault.ts";

/** Delay after a rate or concurrency limit if the provider states none. */
export const DEFAULT_THROTTLE_MS = 10_000;
/** Minimum delay after a limit that claims to be over at once. */
const MIN_THROTTLE_MS = 1_000;

type Verdict =
  | { readonly kind: "refused"; readonly code: OutcomeCode }
  | { readonly kind: "failed"; readonly code: "timeout" | "provider_error"; readonly billed: Billed }
  | { readonly kind: "blocked"; readonly reason: "auth" | "balance" }
  | { readonly kind: "throttled" | "busy" | "session_lost" | "link_unreached" };

interface Rule {
  readonly verdict: Verdict;
  /** A message for the user. */
  readonly says: string;
  readonly codes?: readonly string[];
  /** Statuses with this meaning regardless of the body. */
  readonly statuses?: readonly number[];
  readonly words?: RegExp;
  /** Statuses with this meaning if neither a code nor the text is more specific. */
  readonly otherwise?: (status: number) => boolean;
}

/**
 * The meaning of each error (provider contract A.7). Precedence: code, plain status, text, then the other statuses;
 * within each, the first matching row applies. `billed` is "no" if the provider states that it made nothing, and
 * "maybe" if work may continue behind a lost answer.
 */
const RULES: readonly Rule[] = [
  {
    verdict: { kind: "refused", code: "content_policy" },
    says: "refused the content",
    codes: ["CONTENT_FILTER", "CONTENT_FILTERED", "CONTENT_POLICY", "CONTENT_POLICY_VIOLATION", "CONTENT_MODERATION"],
    words: /content[ _-](?:policy|filter|moderation)|safety (?:checker|filter|system|policy)|\bnsfw\b|usage polic/i,
  },
  {
    verdict: { kind: "refused", code: "no_face" },
    says: "saw no face in the picture",
    codes: ["NO_FACE", "NO_FACE_DETECTED", "FACE_NOT_DETECTED", "FACE_NOT_FOUND", "FACE_REQUIRED"],
    words:
      /\bno (?:\w+ )?faces?\b|\bface (?:is |was )?(?:required|not (?:detected|found|visible))|(?:find|detect) (?:a|any) (?:\w+ )?face\b/i,
  },
  {
    verdict: { kind: "refused", code: "invalid_image" },
    says: "cannot use the picture",
    codes: ["INVALID_IMAGE", "INVALID_IMAGE_URL", "INVALID_IMAGE_DIMENSIONS", "TOO_MANY_IMAGES", "UNSUPPORTED_IMAGE"],
    words: /\binvalid image\b|\btoo many images\b|\bunsupported image\b/i,
  },
  {
    verdict: { kind: "busy" },
    says: "still works on an earlier request of this session",
    codes: ["SESSION_BUSY"],
    words: /\bsession (?:is )?(?:currently )?busy\b/i,
  },
  {
    verdict: { kind: "session_lost" },
    says: "no longer knows the session",
    codes: ["SESSION_NOT_FOUND", "SESSION_EXPIRED", "MEMORY_LIMIT", "MEMORY_LIMIT_REACHED", "MEMORY_LIMIT_EXCEEDED"],
    words: /\bsession (?:was )?not found\b|\bsession (?:has )?expired\b|\b(?:memory|message) limit\b/i,
  },
  {
    verdict: { kind: "blocked", reason: "balance" },
    says: "says that the account's balance is too low; top it up",
    codes: ["INSUFFICIENT_BALANCE", "INSUFFICIENT_CREDITS", "INSUFFICIENT_FUNDS", "PAYMENT_REQUIRED"],
    statuses: [402],
    words:
      /failed to create prediction: http (?:402|422)\b|insufficient[ _](?:balance|credits?|funds)|balance (?:is )?too low/i,
  },
  {
    verdict: { kind: "blocked", reason: "auth" },
    says: "does not accept the API key; check it and its rights",
    codes: [
      "UNAUTHORIZED",
      "UNAUTHENTICATED",
      "AUTHENTICATION_ERROR",
      "INVALID_API_KEY",
      "API_KEY_EXPIRED",
      "FORBIDDEN",
    ],
    statuses: [401, 403],
    words:
      /failed to create prediction: http (?:401|403)\b|\b(?:invalid|missing|expired) api key\b|\bapi key (?:is )?(?:invalid|missing|expired)/i,
  },
  {
    verdict: { kind: "throttled" },
    says: "says that the account's limit is reached",
    codes: ["RATE_LIMITED", "RATE_LIMIT", "RATE_LIMIT_EXCEEDED", "TOO_MANY_REQUESTS", "CONCURRENCY_LIMIT"],
    statuses: [429],
    words:
      /failed to create prediction: http 429\b|\brate[ -]limit|\btoo many (?:concurrent )?requests\b|\bconcurrency limit\b/i,
  },
  {
    verdict: { kind: "failed", code: "timeout", billed: "maybe" },
    says: "took too long on its side",
    codes: ["TIMEOUT", "TIMED_OUT", "DEADLINE_EXCEEDED", "GATEWAY_TIMEOUT"],
    words: /\btimed[ -]?out\b|\btime-?out\b/i,
  },
  {
    verdict: { kind: "refused", code: "invalid_request" },
    says: "called the request malformed",
    codes: ["INVALID_REQUEST", "BAD_REQUEST", "VALIDATION_ERROR"],
    words: /failed to create prediction: http 400\b/i,
    // An unlisted refusal of the request itself is permanent.
    otherwise: (status) => status >= 400 && status < 500 && status !== 408 && status !== 425,
  },
  {
    verdict: { kind: "failed", code: "provider_error", billed: "maybe" },
    says: "failed for the moment",
    codes: ["INTERNAL_ERROR", "INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE", "TEMPORARILY_UNAVAILABLE"],
    words: /failed to create prediction: http (?:408|5\d\d)\b|temporarily unavailable|service unavailable/i,
    otherwise: (status) => status >= 500 || status === 408 || status === 425,
  },
  {
    verdict: { kind: "failed", code: "provider_error", billed: "no" },
    says: "answered with a redirect, which is not followed; check the base URL",
    otherwise: (status) => status >= 300 && status < 400,
  },
];

const UNKNOWN_EVENT: Rule = {
  verdict: { kind: "failed", code: "provider_error", billed: "no" },
  says: "reported an error",
};

const UNKNOWN_ANSWER: Rule = {
  verdict: { kind: "failed", code: "provider_error", billed: "maybe" },
  says: "did not answer with an event stream",
};

/** An unreachable link and a malformed link have the same code, so the text decides. */
const UNREACHED: Rule = { verdict: { kind: "link_unreached" }, says: "could not fetch the picture by its link" };

function ruleFor(fault: Fault): Rule {
  const rule = listedRuleFor(fault);
  const { verdict } = rule;
  const mayBeLink =
    rule === UNKNOWN_EVENT ||
    (verdict.kind === "refused" && (verdict.code === "invalid_image" || verdict.code === "invalid_request"));
  return mayBeLink && saysLinkUnreached(fault.words) ? UNREACHED : rule;
}

function listedRuleFor(fault: Fault): Rule {
  const status = fault.status;
  return (
    RULES.find((rule) => rule.codes?.some((code) => fault.codes.includes(code))) ??
    (status === undefined ? undefined : RULES.find((rule) => rule.statuses?.includes(status))) ??
    RULES.find((rule) => rule.words?.test(fault.words)) ??
    (status === undefined ? UNKNOWN_EVENT : (RULES.find((rule) => rule.otherwise?.(status)) ?? UNKNOWN_ANSWER))
  );
}

/**
 * Determines the cause of a throttle. A concurrency limit has the same status and code as a rate limit (provider
 * contract A.5). A concurrency limit is recognized by its text, and by the missing delay, because it clears when a
 * running call ends.
 */
function throttleCause({ codes, words, retryAfterMs }: Fault): "rate" | "concurrency" {
  if (codes.includes("CONCURRENCY_LIMIT") || /\bconcurren/i.test(words)) return "concurrency";
  return retryAfterMs !== undefined || /\brate\b/i.test(words) ? "rate" : "concurrency";
}

/** Statuses of a server that has not started the request: Too Early, Service Unavailable. */
const DECLINES: readonly number[] = [425, 503];

/** Every answer except a picture. */
export type FaultAnswer = Exclude<EnhanceAnswer, { readonly kind: "output" | "pictures" }>;

/** Returns the answer for a fault. Removes `secrets` from the provider's text. */
export function classify(fault: Fault, secrets: readonly string[]): FaultAnswer {
  const { verdict, says } = ruleFor(fault);
  const status = fault.status === undefined ? "" : ` (HTTP ${fault.status})`;
  const words = fault.words === "" ? fault.codes.join(", ") : fault.words;
  const message = redact(`each::sense ${says}${status}${words === "" ? "" : `: ${words}`}`, secrets);
  switch (verdict.kind) {
    case "refused":
      return { kind: "refused", code: verdict.code, billed: "no", message };
    case "blocked":
      return { kind: "blocked", reason: verdict.reason, message };
    case "throttled":
      return {
        kind: "throttled",
        retryAfterMs: Math.max(MIN_THROTTLE_MS, fault.retryAfterMs ?? DEFAULT_THROTTLE_MS),
        cause: throttleCause(fault),
        message,
      };
    case "busy":
    case "session_lost":
    case "link_unreached":
      return { kind: verdict.kind, message };
    case "failed": {
      const wait = fault.retryAfterMs === undefined ? {} : { retryAfterMs: fault.retryAfterMs };
      const declined =
        DECLINES.includes(fault.status ?? 0) && verdict.code !== "timeout" ? { declined: true as const } : {};
      return { kind: "failed", code: verdict.code, sent: true, billed: verdict.billed, ...declined, message, ...wait };
    }
    default:
      return verdict satisfies never;
  }
}
