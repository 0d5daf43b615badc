/**
 * Every way in which a part of Darkroom says no. Closed: a new code needs a line here and one in
 * `docs/error-codes.md` (a test compares the two).
 */
export const ERROR_CODES = [
  "invalid_settings",
  "invalid_input",
  "not_found",
  "conflict",
  "stale",
  "unauthorized",
  "storage_not_found",
  "storage_denied",
  "storage_refused",
  "storage_unavailable",
  "storage_full",
  "storage_invalid",
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

export interface DarkroomErrorOptions {
  /** Whether doing the same again later may work. Decided where the cause is known. Defaults to false. */
  readonly retryable?: boolean;
  /** Not to be tried again sooner than this, in milliseconds. */
  readonly retryAfterMs?: number;
  /** The field, variable or manifest column at fault. */
  readonly field?: string;
  readonly cause?: unknown;
}

/** The one error class of the house. The message says what was wrong and what to do; it never holds a secret. */
export class DarkroomError extends Error {
  override readonly name = "DarkroomError";
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly field: string | undefined;

  constructor(code: ErrorCode, message: string, options: DarkroomErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
    this.field = options.field;
  }
}

/** True when `error` is a {@link DarkroomError}, of the given code where one is named. */
export function isDarkroomError(error: unknown, code?: ErrorCode): error is DarkroomError {
  return error instanceof DarkroomError && (code === undefined || error.code === code);
}

/** A person's sentence for anything that was thrown, without its stack. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(messageOf).join("; ");
  if (error instanceof Error) return error.message === "" ? error.name : error.message;
  return String(error);
}
