import type { Fault } from "./fault.ts";

export interface HttpRefusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

const BODIES: Readonly<Record<number, unknown>> = {
  400: { detail: "Bad request" },
  401: { detail: "Invalid API key" },
  402: { detail: "Insufficient balance", error_code: "INSUFFICIENT_BALANCE" },
  403: { detail: "API key expired" },
  404: { detail: "Not found" },
  408: { detail: "Request timed out", error_code: "TIMEOUT" },
  413: { detail: "The request is too large" },
  422: { detail: [{ type: "value_error", loc: ["body", "message"], msg: "not acceptable" }] },
  429: { detail: "Rate limit exceeded", error_code: "RATE_LIMITED" },
  500: { detail: "Internal server error" },
  502: { detail: "Bad gateway" },
  503: { detail: "The service is temporarily unavailable" },
};

/** Returns the answer of a scripted HTTP error. */
export function httpRefusal(fault: Extract<Fault, { kind: "http" }>): HttpRefusal {
  return {
    status: fault.status,
    headers: fault.retryAfterS === undefined ? {} : { "Retry-After": String(fault.retryAfterS) },
    body: fault.body ?? BODIES[fault.status],
  };
}
