import { DarkroomError, ERROR_CODES, type ErrorCode } from "@darkroom/core";
import { CommandError, EXIT } from "../exit-codes.ts";

/** An unsuccessful response of the API. */
export interface RefusedAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
  /** `METHOD url`, without the query string. */
  readonly what: string;
}

/**
 * Converts an API response to an error: code and detail of its problem document (RFC 9457), or otherwise an error by
 * status.
 */
export function errorOfAnswer({ status, contentType, text, what }: RefusedAnswer): Error {
  const problem = contentType.includes("json") ? parseProblem(text) : undefined;
  if (problem !== undefined) {
    const { code, detail, field } = problem;
    const hint = code === "unauthorized" ? " Set DARKROOM_API_KEY to the key of this API." : "";
    return new DarkroomError(code, `${detail}${hint}`, {
      retryable: status === 503,
      ...(field === undefined ? {} : { field }),
    });
  }
  const isGateway = status >= 502 && status <= 504;
  return new CommandError(
    isGateway ? EXIT.unreachable : EXIT.unexpected,
    `${what} answered ${status} in a way that Darkroom's API does not. Check DARKROOM_API_URL.`,
  );
}

const NAMED_API_ADVICE = "Check that it runs and that DARKROOM_API_URL is right.";

/**
 * The error for an API that could not be reached.
 *
 * @param advice what the user can do; defaults to advice for an API that the user named
 */
export function unreachable(url: string, cause: unknown, advice = NAMED_API_ADVICE): CommandError {
  return new CommandError(
    EXIT.unreachable,
    `The API at ${withoutUser(url)} cannot be reached (${reasonOf(cause)}). ${advice}`,
    { cause },
  );
}

function parseProblem(text: string): { code: ErrorCode; detail: string; field: string | undefined } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { code, detail, field } = value as Record<string, unknown>;
  const known = ERROR_CODES.find((each) => each === code);
  if (known === undefined || typeof detail !== "string") return undefined;
  return { code: known, detail, field: typeof field === "string" ? field : undefined };
}

function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError) return cause.errors.map(reasonOf).join(", ");
  if (!(cause instanceof Error)) return String(cause);
  return cause.message === "" ? ((cause as NodeJS.ErrnoException).code ?? cause.name) : cause.message;
}

/** A URL may contain a password. */
function withoutUser(url: string): string {
  return url.replace(/\/\/[^/@]*@/, "//…@");
}
