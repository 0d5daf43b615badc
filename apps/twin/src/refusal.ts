import type { Fault } from "./fault.ts";
import type { ErrorEvent } from "./sense-event.ts";

/** The error events of the provider contract, A.7. */
export const REFUSALS = {
  content_policy: {
    type: "error",
    message: "Content policy violation: this request cannot be processed",
    error_code: "CONTENT_FILTER",
  },
  no_face: { type: "error", message: "No face detected in the image" },
  balance: {
    type: "error",
    message: "Failed to create prediction: HTTP 422",
    error_code: "INSUFFICIENT_BALANCE",
  },
  session_busy: {
    type: "error",
    message: "This session is still processing another request",
    error_code: "SESSION_BUSY",
  },
  session_forgotten: { type: "error", message: "Session not found", error_code: "SESSION_NOT_FOUND" },
  memory_full: {
    type: "error",
    message: "Memory limit reached: a session holds at most 50 messages",
    error_code: "MEMORY_LIMIT_REACHED",
  },
  result_expired: {
    type: "error",
    message: "Session not found: its last output has expired",
    error_code: "SESSION_NOT_FOUND",
  },
  too_many_images: { type: "error", message: "Too many images: at most 4 image_urls" },
  undecodable: { type: "error", message: "Invalid image: the picture cannot be decoded" },
} as const satisfies Record<string, ErrorEvent>;

/** Returns the error event of a fault, for faults that occur once the stream has begun. */
export function refusalOf(fault: Fault | undefined): ErrorEvent | undefined {
  if (fault === undefined) return undefined;
  if (fault.kind === "content_policy" || fault.kind === "no_face" || fault.kind === "balance") {
    return REFUSALS[fault.kind];
  }
  if (fault.kind !== "error_event") return undefined;
  const { kind: _, message, error_code: code, details, retry_after: retryAfter } = fault;
  return {
    type: "error",
    message,
    ...(code === undefined ? {} : { error_code: code }),
    ...(details === undefined ? {} : { details }),
    ...(retryAfter === undefined ? {} : { retry_after: retryAfter }),
  };
}
