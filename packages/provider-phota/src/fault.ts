import {
  detailWords,
  parseJson,
  parseResetMs,
  parseRetryAfterMs,
  recordAt,
  recordOf,
  textAt,
  type HttpHead,
} from "@darkroom/provider-kit";

/** The parts of a failed exchange that determine its meaning. */
export interface Fault {
  readonly status: number;
  /** All codes, in upper case. */
  readonly codes: readonly string[];
  /** The provider's own text; empty if none can be parsed. */
  readonly words: string;
  readonly retryAfterMs: number | undefined;
}

/** Matches a code rather than a sentence, because Phota sometimes puts a code in `detail`. */
const CODE = /^[A-Z][A-Z0-9_]{2,60}$/;

/**
 * Parses an answer `{code?, detail, message?}` (provider contract B). Only JSON counts as text. An HTML page has no
 * meaning.
 */
export function faultOf(head: HttpHead, text: string, nowMs: number): Fault {
  const record = recordOf(parseJson(text));
  const named = [record, recordAt(record, "detail"), recordAt(record, "error")].flatMap((part) => [
    textAt(part, "code"),
    textAt(part, "error_code"),
  ]);
  const sentences = [detailWords(record) ?? textAt(recordAt(record, "detail"), "message"), textAt(record, "message")];
  const codes = [...named, ...sentences.filter((sentence) => sentence !== undefined && CODE.test(sentence.trim()))];
  const words = sentences.filter((sentence) => sentence !== undefined && !CODE.test(sentence.trim()));
  const wait =
    parseRetryAfterMs(head.headers["retry-after"], nowMs) ?? parseRetryAfterMs(record?.["retry_after"], nowMs);
  const reset = head.status === 429 ? parseResetMs(head.headers["x-ratelimit-reset"], nowMs) : undefined;
  return {
    status: head.status,
    codes: codes.flatMap((code) => (code === undefined ? [] : [code.trim().toUpperCase()])),
    words: [...new Set(words)].join(": "),
    retryAfterMs: wait ?? reset,
  };
}
