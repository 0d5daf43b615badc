import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { promptHash, type CallRecord } from "./billing-ledger.ts";
import { readChat, type ChatRequest, type Dialect } from "./chat-request.ts";
import { EventStream } from "./event-stream.ts";
import { runExchange, type ExchangeWorld } from "./exchange.ts";
import type { FaultBook } from "./fault-book.ts";
import type { Fault, FaultKind } from "./fault.ts";
import { httpRefusal } from "./http-fault.ts";
import type { IdempotentAnswers } from "./idempotent-answers.ts";
import { JsonAnswer, type WholeAnswer } from "./json-answer.ts";
import { readJson, sendJson } from "./json-http.ts";
import { latencyMs, type Latency } from "./latency.ts";
import type { OpenStreams } from "./open-streams.ts";
import type { PlanLimits } from "./plan-limits.ts";
import { CDN_PATH, portraitName } from "./portrait-name.ts";
import { REFUSALS } from "./refusal.ts";
import type { UploadStore } from "./upload-store.ts";
import type { ErrorEvent, EventSink } from "./sense-event.ts";

export interface ChatWorld extends ExchangeWorld {
  readonly limits: PlanLimits;
  readonly faults: FaultBook;
  readonly streams: OpenStreams;
  readonly uploads: UploadStore;
  readonly answers: IdempotentAnswers;
  readonly seed: string;
  readonly latency: Latency;
  /** Returns whether a request has the right key. */
  readonly knows: (request: IncomingMessage) => boolean;
  /** The simulator's address as seen by the client. */
  readonly baseUrl: (request: IncomingMessage) => string;
  /** Number of calls of each portrait that reached the agent. */
  readonly callCounts: Map<string, number>;
}

/** Faults that hide the end of the exchange from the client. */
const BLIND: ReadonlySet<FaultKind> = new Set<FaultKind>([
  "reset_after_accept",
  "no_headers",
  "cut_after_events",
  "cut_after_generation",
  "cut_mid_event",
  "memory_lost",
  "silence",
  "trickle",
]);

interface Call {
  readonly response: ServerResponse;
  readonly request: ChatRequest;
  readonly headers: Readonly<Record<string, string>>;
  readonly taskId: string;
  readonly record: CallRecord;
  readonly onAnswer?: ((answer: WholeAnswer) => void) | undefined;
}

function sinkFor(world: ChatWorld, call: Call, fault: Fault | undefined): EventSink {
  const { response, request, headers, taskId, onAnswer } = call;
  const common = { response, headers, dialect: request.dialect, taskId, onClose: world.streams.open() };
  if (!request.stream) return new JsonAnswer({ ...common, ...(onAnswer === undefined ? {} : { onAnswer }) });
  return new EventStream({ ...common, fault, clock: world.clock });
}

/** Sends a single error event, without beginning the work. */
function turnAway(world: ChatWorld, call: Call, event: ErrorEvent, ending: string): void {
  call.record.ending = ending;
  const sink = sinkFor(world, { ...call, onAnswer: undefined }, undefined);
  sink.send(event);
  sink.end();
}

function deny(call: Call, status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
  call.record.ending = `http_${status}`;
  sendJson(call.response, status, body, { ...call.headers, ...headers });
}

/** Applies faults that occur before the agent begins. Returns true if that ended the call. */
function turnedAwayByFault(world: ChatWorld, call: Call, fault: Fault | undefined): boolean {
  if (fault?.kind === "http") {
    const { status, body, headers } = httpRefusal(fault);
    deny(call, status, body, headers);
    return true;
  }
  if (fault?.kind === "reset") {
    call.record.ending = "reset";
    call.response.socket?.resetAndDestroy();
    return true;
  }
  if (fault?.kind === "session_busy" || fault?.kind === "session_forgotten") {
    if (fault.kind === "session_forgotten") world.sessions.clear(call.request.sessionId);
    turnAway(world, call, REFUSALS[fault.kind], fault.kind);
    return true;
  }
  return false;
}

/** Passes an accepted request to the agent and waits until the work is over. */
async function converse(world: ChatWorld, call: Call, portrait: string, cdnUrl: string): Promise<void> {
  const { request, record, taskId } = call;
  if (world.sessions.find(request.sessionId)?.running === true) {
    turnAway(world, call, REFUSALS.session_busy, "error:SESSION_BUSY");
    return;
  }
  const number = (world.callCounts.get(portrait) ?? 0) + 1;
  world.callCounts.set(portrait, number);
  const fault = world.faults.decide({ portrait, session: request.sessionId, call: number });
  Object.assign(record, { call: number, fault: fault?.kind ?? null });
  if (turnedAwayByFault(world, call, fault)) return;
  const started = world.sessions.start(request.sessionId);
  if (started.kind !== "started") {
    const refusal = started.kind === "busy" ? REFUSALS.session_busy : REFUSALS.memory_full;
    turnAway(world, call, refusal, `error:${refusal.error_code}`);
    return;
  }
  const { session } = started;
  session.portrait = portrait;
  const sink = sinkFor(world, call, fault);
  const took = latencyMs(world.latency, world.seed, { portrait, call: number, mode: request.mode });
  const ending = await runExchange(world, { request, session, fault, taskId, latencyMs: took, cdnUrl, sink });
  record.ending = fault !== undefined && BLIND.has(fault.kind) ? fault.kind : ending;
}

/** Serves `POST /chat` and `POST /v1/chat/completions`. */
export async function answerChat(
  world: ChatWorld,
  dialect: Dialect,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const requestId = randomUUID();
  const read = await readJson(message);
  const chat = read.ok ? readChat(dialect, read.body) : undefined;
  const request = chat?.ok === true ? chat.request : undefined;
  const [imageUrl] = request?.imageUrls ?? [];
  const cdnUrl = `${world.baseUrl(message)}${CDN_PATH}`;
  const portrait =
    imageUrl === undefined
      ? (world.sessions.find(request?.sessionId ?? "")?.portrait ?? request?.sessionId ?? "")
      : portraitName(imageUrl, world.results, world.uploads);
  const record = world.ledger.open(portrait, {
    session: request?.sessionId ?? "",
    call: null,
    fault: null,
    promptHash: promptHash(request?.prompt ?? ""),
    startsFrom: imageUrl?.startsWith(cdnUrl) === true ? imageUrl : null,
    ending: "running",
  });
  const refuse = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) => {
    record.ending = `http_${status}`;
    sendJson(response, status, body, { "X-Request-Id": requestId, ...headers });
  };
  if (!world.knows(message)) return refuse(401, { detail: "Invalid API key" });
  if (!read.ok) return refuse(read.status, { detail: [{ type: "json_invalid", loc: ["body"], msg: read.msg }] });
  if (request === undefined) return refuse(422, { detail: chat?.ok === false ? chat.detail : [] });
  const key = request.stream ? undefined : String(message.headers["x-idempotency-key"] ?? "") || undefined;
  const before = key === undefined ? undefined : world.answers.find(key);
  if (before !== undefined) {
    record.ending = "repeated";
    const { status, body } = await before;
    return sendJson(response, status, body, { "X-Request-Id": requestId, "X-Idempotent-Replayed": "true" });
  }
  const admission = world.limits.admit();
  if (!admission.admitted) {
    const { message: detail, retryAfterS, headers } = admission;
    const wait = retryAfterS === undefined ? {} : { "Retry-After": String(retryAfterS) };
    const told = retryAfterS === undefined ? {} : { retry_after: retryAfterS };
    return refuse(429, { detail, error_code: "RATE_LIMITED", ...told }, { ...headers, ...wait });
  }
  const headers = { "X-Request-Id": requestId, ...admission.headers };
  const done = world.limits.begin();
  let told = false;
  const keep = key === undefined ? undefined : world.answers.begin(key);
  const onAnswer = (answer: WholeAnswer): void => {
    told = true;
    keep?.(answer);
  };
  try {
    const call = { response, request, headers, taskId: `chat_${requestId}`, record, onAnswer };
    await converse(world, call, portrait, cdnUrl);
  } finally {
    done();
    if (key !== undefined && !told) world.answers.forget(key);
  }
}
