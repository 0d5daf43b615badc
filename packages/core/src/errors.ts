/** All error codes of Darkroom. Closed: add a new code here and in `docs/error-codes.md`; a test compares the two. */
export const ERROR_CODES = [
  "invalid_settings",
  "invalid_input",
  "not_found",
  "conflict",
  "stale",
  "idempotency_key_reused",
  "unauthorized",
  "forbidden",
  "limit_reached",
  "storage_not_found",
  "storage_denied",
  "storage_refused",
  "storage_unavailable",
  "storage_full",
  "storage_invalid",
  "overloaded",
  "redis_unsuitable",
  "redis_unavailable",
  "link_expired",
  "address_not_allowed",
  "remote_refused",
  "remote_unavailable",
  "tool_missing",
  "internal",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** An invalid part of an input. */
export interface InputFault {
  /** The field, with dots (`recipe.mode`), or the manifest's column. */
  readonly field?: string | undefined;
  /** The line of a manifest, or the number of a row, from 1. */
  readonly line?: number | undefined;
  readonly message: string;
}

export interface DarkroomErrorOptions {
  /** True if the same operation may succeed later. Set where the cause is known. Defaults to false. */
  readonly retryable?: boolean;
  /** Minimum delay before a retry, in milliseconds. */
  readonly retryAfterMs?: number;
  /** The invalid field, variable or manifest column. */
  readonly field?: string;
  /** All invalid fields, if there are several. */
  readonly faults?: readonly InputFault[];
  readonly cause?: unknown;
}

/** The only error class of Darkroom. The message describes the problem and how to fix it. Never contains a secret. */
export class DarkroomError extends Error {
  override readonly name = "DarkroomError";
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly field: string | undefined;
  readonly faults: readonly InputFault[];

  constructor(code: ErrorCode, message: string, options: DarkroomErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
    this.field = options.field;
    this.faults = options.faults ?? [];
  }
}

/** True when `error` is a {@link DarkroomError}, with this code if one is given. */
export function isDarkroomError(error: unknown, code?: ErrorCode): error is DarkroomError {
  return error instanceof DarkroomError && (code === undefined || error.code === code);
}

/** Returns the message of anything that was thrown, without a stack. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(messageOf).join("; ");
  if (error instanceof Error) return error.message === "" ? error.name : error.message;
  return String(error);
}
