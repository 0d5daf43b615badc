import { parseResetMs, type HttpHead, type RateLimits } from "@darkroom/provider-kit";

function count(value: string | string[] | undefined): number | undefined {
  const text = (Array.isArray(value) ? value[0] : value)?.trim();
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Parses the headers `X-RateLimit-*` (provider contract A.5). Returns undefined without any limits. */
export function rateLimitsOf(head: HttpHead, nowMs: number): RateLimits | undefined {
  const limit = count(head.headers["x-ratelimit-limit"]);
  const remaining = count(head.headers["x-ratelimit-remaining"]);
  const resetMs = parseResetMs(head.headers["x-ratelimit-reset"], nowMs);
  return limit === undefined && remaining === undefined && resetMs === undefined
    ? undefined
    : { limit, remaining, resetMs };
}
