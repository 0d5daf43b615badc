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

/** What came over the wire when something went wrong, in the few fields that decide what it means. */
export interface Fault {
  readonly status: number;
  /** Every code named, in upper case. */
  readonly codes: readonly string[];
  /** The provider's own words; empty where it sent none that can be read. */
  readonly words: string;
  readonly retryAfterMs: number | undefined;
}

/** What looks like a code and not like a sentence; Phota puts one in `detail` at times. */
const CODE = /^[A-Z][A-Z0-9_]{2,60}$/;

/** Reads an answer `{code?, detail, message?}` (provider contract B). Only JSON has words: a page's text means nothing. */
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
