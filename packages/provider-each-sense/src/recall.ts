import {
  listAt,
  lostMessage,
  numberAt,
  parseJson,
  reachOf,
  recordOf,
  textAt,
  type PlainExchange,
  type RecallAnswer,
  type RecallRequest,
  type VendorRecord,
} from "@darkroom/provider-kit";
import { classify } from "./classify.ts";
import { faultOfAnswer } from "./fault.ts";
import { lastPicture } from "./outputs.ts";

/**
 * Minimum length of a recorded prompt that may match the beginning of the sent prompt. Shorter prompts are ambiguous.
 */
const MIN_PREFIX_CHARS = 16;

function plain(text: string): string {
  return text
    .replace(/(?:\.\.\.|…)\s*$/, "")
    .replaceAll(/\s+/g, " ")
    .trim();
}

function sameWords(recorded: string, prompt: string): boolean {
  const [short, long] = recorded.length <= prompt.length ? [recorded, prompt] : [prompt, recorded];
  return short === long || (short.length >= MIN_PREFIX_CHARS && long.startsWith(short));
}

function pictureOf(exchange: VendorRecord): string | undefined {
  return lastPicture(listAt(exchange, "generated_media_urls"));
}

/**
 * Finds a call in a session's memory (provider contract A.6), after the given number of exchanges. Selects the newest
 * exchange with the call's text, preferably with a picture. If no exchange matches, all of them belong to the call,
 * because a session has one portrait. The exchange for an answer to the agent's question also belongs to the call.
 */
function findCall(memory: VendorRecord, request: RecallRequest): RecallAnswer {
  const history = listAt(memory, "conversation_history").flatMap((item) => {
    const exchange = recordOf(item);
    return exchange === undefined ? [] : [exchange];
  });
  const exchanges = Math.max(history.length, numberAt(memory, "total_exchanges") ?? 0);
  const forgotten = exchanges - history.length;
  const rest = history.slice(Math.max(0, request.exchangesBefore - forgotten));
  const prompt = plain(request.prompt);
  const answers = (request.answers ?? []).map(plain);
  let mayHaveAsked = false;
  const worded = rest.filter((exchange) => {
    const words = plain(textAt(exchange, "user_prompt") ?? "");
    const isAnswer = mayHaveAsked && answers.some((answer) => sameWords(words, answer));
    const isOfCall = isAnswer || sameWords(words, prompt);
    mayHaveAsked = isOfCall && pictureOf(exchange) === undefined;
    return isOfCall;
  });
  const own = worded.length > 0 ? worded : rest;
  for (const exchange of own.toReversed()) {
    const url = pictureOf(exchange);
    if (url !== undefined) return { kind: "found", url };
  }
  return own.length > 0 ? { kind: "finished_without_output", exchanges } : { kind: "nothing_yet" };
}

function unavailable(message: string, retryAfterMs?: number): Extract<RecallAnswer, { readonly kind: "unavailable" }> {
  return { kind: "unavailable", message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** Interprets the response to `GET /memory` for a call. */
export function recallAnswer(
  result: PlainExchange,
  request: RecallRequest,
  secrets: readonly string[],
  nowMs: number,
): RecallAnswer {
  if (result.kind !== "answered") {
    return { ...unavailable(lostMessage(result, "the memory of each::sense")), ...reachOf(result) };
  }
  const { head, text } = result;
  if (head.status === 200 && !result.truncated) {
    const memory = recordOf(parseJson(text));
    const told = Array.isArray(memory?.["conversation_history"]) || numberAt(memory, "total_exchanges") === 0;
    if (memory !== undefined && told) return findCall(memory, request);
  }
  const fault = faultOfAnswer(head, text, nowMs);
  const answer = classify(fault, secrets);
  if (answer.kind === "session_lost" || head.status === 404) return { kind: "nothing_yet" };
  if (answer.kind === "blocked") return answer;
  const wait = answer.kind === "throttled" ? answer.retryAfterMs : fault.retryAfterMs;
  return unavailable(`the memory of each::sense could not be read (HTTP ${head.status})`, wait);
}
