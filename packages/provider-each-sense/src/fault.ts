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

/** What came over the wire when something went wrong, in the few fields that decide what it means. */
export interface Fault {
  /** Undefined for an event in a stream that began well. */
  readonly status: number | undefined;
  /** Every code named, at the top level or in `details`, in upper case. */
  readonly codes: readonly string[];
  /** The provider's own words; empty where it sent none that can be read. */
  readonly words: string;
  readonly retryAfterMs: number | undefined;
}

/** Reads an error event, a `complete` with status `error`, or the JSON body of an HTTP error. */
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

/** Reads a whole HTTP answer that should have been a stream. Only JSON has words: a page's text means nothing. */
export function faultOfAnswer(head: HttpHead, text: string, nowMs: number): Fault {
  const fault = faultOf(recordOf(parseJson(text)), nowMs, head.status);
  const told = parseRetryAfterMs(head.headers["retry-after"], nowMs) ?? fault.retryAfterMs;
  // Where calls are left in this minute, its end is not what is waited for.
  const usedUp = head.status === 429 && Number(head.headers["x-ratelimit-remaining"] ?? 0) === 0;
  const reset = usedUp ? parseResetMs(head.headers["x-ratelimit-reset"], nowMs) : undefined;
  return { ...fault, retryAfterMs: told ?? reset };
}
