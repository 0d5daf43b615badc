import {
  detailWords,
  parseJson,
  parseResetMs,
  parseRetryAfterMs,
  recordAt,
  recordOf,
  textAt,
  type HttpHead,
  type VendorRecord,
} from "@darkroom/provider-kit";

/** The parts of a failed exchange that determine its meaning. */
export interface Fault {
  /** Undefined for an event in a stream with status 200. */
  readonly status: number | undefined;
  /** All codes, from the top level and `details`, in upper case. */
  readonly codes: readonly string[];
  /** The provider's own text; empty if none can be parsed. */
  readonly words: string;
  readonly retryAfterMs: number | undefined;
}

/** Parses an error event, a `complete` with status `error`, or the JSON body of an HTTP error. */
export function faultOf(record: VendorRecord | undefined, nowMs: number, status?: number): Fault {
  const nested = [record, recordAt(record, "error"), recordAt(record, "details"), recordAt(record, "detail")];
  const codes = nested.flatMap((part) => [textAt(part, "error_code"), textAt(part, "code")]);
  const words =
    textAt(record, "message") ??
    textAt(nested[1], "message") ??
    detailWords(record) ??
    textAt(nested[3], "message") ??
    textAt(record, "error", "reason") ??
    textAt(nested[2], "message", "reason");
  const wait = nested.map((part) => part?.["retry_after"]).find((value) => value !== undefined && value !== null);
  return {
    status,
    codes: codes.flatMap((code) => (code === undefined ? [] : [code.trim().toUpperCase()])),
    words: words ?? "",
    retryAfterMs: parseRetryAfterMs(wait, nowMs),
  };
}

/**
 * Parses a whole HTTP response that should have been a stream. Only JSON counts as text. An HTML page has no meaning.
 */
export function faultOfAnswer(head: HttpHead, text: string, nowMs: number): Fault {
  const fault = faultOf(recordOf(parseJson(text)), nowMs, head.status);
  const told = parseRetryAfterMs(head.headers["retry-after"], nowMs) ?? fault.retryAfterMs;
  // If calls are left in this minute, the rate is not the limit, so its reset is irrelevant.
  const usedUp = head.status === 429 && Number(head.headers["x-ratelimit-remaining"] ?? 0) === 0;
  const reset = usedUp ? parseResetMs(head.headers["x-ratelimit-reset"], nowMs) : undefined;
  return { ...fault, retryAfterMs: told ?? reset };
}
