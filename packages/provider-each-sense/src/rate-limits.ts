import { parseResetMs, type HttpHead } from "@darkroom/provider-kit";

/** What the provider says of the account's request rate (headers `X-RateLimit-*`, provider contract A.5). */
export interface RateLimits {
  /** Requests per minute. */
  readonly limit: number | undefined;
  readonly remaining: number | undefined;
  /** Until the count begins anew. */
  readonly resetMs: number | undefined;
}

function count(value: string | string[] | undefined): number | undefined {
  const text = (Array.isArray(value) ? value[0] : value)?.trim();
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Undefined when the answer says nothing of limits. */
export function rateLimitsOf(head: HttpHead, nowMs: number): RateLimits | undefined {
  const limit = count(head.headers["x-ratelimit-limit"]);
  const remaining = count(head.headers["x-ratelimit-remaining"]);
  const resetMs = parseResetMs(head.headers["x-ratelimit-reset"], nowMs);
  return limit === undefined && remaining === undefined && resetMs === undefined
    ? undefined
    : { limit, remaining, resetMs };
}
