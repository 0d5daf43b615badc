import {
  Deadline,
  exchange,
  lostMessage,
  parseJson,
  reachOf,
  recordAt,
  recordOf,
  textAt,
  type createHttpAgent,
  type HttpRequest,
  type LostExchange,
  type PlainExchange,
  type UploadAnswer,
  type UploadRequest,
  type VendorRecord,
} from "@darkroom/provider-kit";
import { classify } from "./classify.ts";
import { faultOfAnswer } from "./fault.ts";

/** Default base URL of each::storage (provider contract A.3). */
export const DEFAULT_STORAGE_URL = "https://api.eachlabs.ai";
/** Allowed lifetimes of a public URL (provider contract A.3). */
const MIN_LIFE_SECONDS = 60;
const MAX_LIFE_SECONDS = 365 * 24 * 60 * 60;

/** Total deadline of the request for a location. */
const PRESIGN_MS = 30_000;
/** Total deadline of the upload. The location is valid for fifteen minutes (provider contract A.3). */
const PUT_MS = 5 * 60_000;
/** Headers that belong to the connection and are not copied. */
const NOT_OURS = new Set(["host", "content-length", "connection", "transfer-encoding"]);

type Agent = ReturnType<typeof createHttpAgent>;

export interface StorageEndpoint {
  readonly origin: string;
  /** The base URL's path, without a trailing slash. */
  readonly basePath: string;
  readonly apiKey: string;
}

/** The upload location of one picture, assigned by each::storage. */
interface Place {
  readonly put: URL;
  readonly publicUrl: string;
  /** Epoch ms. */
  readonly expiresAt: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Requests a location from each::storage and uploads the picture there. Free and safe to repeat. */
export async function putPicture(
  agent: Agent,
  endpoint: StorageEndpoint,
  request: UploadRequest,
  signal: AbortSignal,
  nowMs: () => number,
): Promise<UploadAnswer> {
  const lifeSeconds = Math.min(MAX_LIFE_SECONDS, Math.max(MIN_LIFE_SECONDS, Math.ceil(request.expiresInSeconds)));
  const askedAt = nowMs();
  const asked = await send(agent, presignRequest(endpoint, request.contentType, lifeSeconds), PRESIGN_MS, signal);
  if (asked.kind !== "answered") return lost(asked);
  if (asked.head.status >= 300) return refusal(asked, endpoint.apiKey, nowMs());
  const place = placeOf(recordOf(parseJson(asked.text)), askedAt + lifeSeconds * 1_000);
  if (place === undefined) return failed("each::storage answered without a location for the picture");
  const put = await send(agent, putRequest(place, request), PUT_MS, signal);
  if (put.kind !== "answered") {
    const answer = lost(put);
    return answer.unreached === true ? answer : { ...answer, ofPicture: true };
  }
  const { status } = put.head;
  if (status < 300) return { kind: "uploaded", url: place.publicUrl, expiresAt: place.expiresAt };
  if (status === 413) {
    return { kind: "refused", code: "too_large", message: "each::storage called the picture too large (HTTP 413)" };
  }
  const wait = faultOfAnswer(put.head, "", nowMs()).retryAfterMs;
  const answer = failed(`each::storage rejected the picture (HTTP ${status})`, wait);
  return status >= 500 ? answer : { ...answer, ofPicture: true };
}

type FailedUpload = Extract<UploadAnswer, { readonly kind: "failed" }>;

/** The failure of a request without a response. */
function lost(exchange: LostExchange): FailedUpload {
  return { ...failed(lostMessage(exchange, "each::storage")), ...reachOf(exchange) };
}

function failed(message: string, retryAfterMs?: number): FailedUpload {
  return { kind: "failed", message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

async function send(agent: Agent, request: HttpRequest, withinMs: number, signal: AbortSignal): Promise<PlainExchange> {
  const deadline = new Deadline({ deadlineMs: withinMs, idleMs: withinMs, signal });
  try {
    return await exchange(agent, request, deadline);
  } finally {
    deadline.close();
  }
}

function presignRequest(endpoint: StorageEndpoint, contentType: string, lifeSeconds: number): HttpRequest {
  return {
    method: "POST",
    origin: endpoint.origin,
    path: `${endpoint.basePath}/v1/upload/presign`,
    headers: {
      "content-type": "application/json",
      accept: "application/json",
      authorization: `Bearer ${endpoint.apiKey}`,
    },
    body: JSON.stringify({ content_type: contentType, file_type: "image", expires_in_seconds: lifeSeconds }),
  };
}

/** Omits the key, because the location belongs to another host and its signature is the permission. */
function putRequest({ put, headers }: Place, { contentType, bytes }: UploadRequest): HttpRequest {
  const typed = Object.keys(headers).some((name) => name.toLowerCase() === "content-type");
  return {
    method: "PUT",
    origin: put.origin,
    path: `${put.pathname}${put.search}`,
    headers: typed ? headers : { "content-type": contentType, ...headers },
    body: bytes,
  };
}

function webUrl(text: string | undefined): URL | undefined {
  const url = text === undefined ? null : URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) ? url : undefined;
}

function placeOf(answer: VendorRecord | undefined, expiresAtMost: number): Place | undefined {
  const put = webUrl(textAt(answer, "presigned_url"));
  const publicUrl = textAt(answer, "public_url");
  if (put === undefined || publicUrl === undefined || webUrl(publicUrl) === undefined) return undefined;
  const told = Date.parse(textAt(answer, "expires_at") ?? "");
  const required = Object.entries(recordAt(answer, "required_headers") ?? {});
  const headers = required.flatMap(([name, value]) =>
    (typeof value === "string" || typeof value === "number") && !NOT_OURS.has(name.toLowerCase())
      ? [[name, String(value)] as const]
      : [],
  );
  const expiresAt = Number.isFinite(told) ? Math.min(told, expiresAtMost) : expiresAtMost;
  return { put, publicUrl, expiresAt, headers: Object.fromEntries(headers) };
}

/** Interprets a response that contains no location. */
function refusal(
  { head, text }: Extract<PlainExchange, { readonly kind: "answered" }>,
  apiKey: string,
  nowMs: number,
): UploadAnswer {
  const answer = classify(faultOfAnswer(head, text, nowMs), [apiKey]);
  const message = answer.message.replace("each::sense", "each::storage");
  switch (answer.kind) {
    case "blocked":
      return { kind: "blocked", reason: answer.reason, message };
    case "throttled":
      return { kind: "throttled", retryAfterMs: answer.retryAfterMs, message };
    case "refused":
      return { kind: "refused", code: answer.code, message };
    case "failed":
      return failed(message, answer.retryAfterMs);
    case "aborted":
    case "busy":
    case "clarification":
    case "session_lost":
    case "link_unreached":
      return failed(message);
    default:
      return answer satisfies never;
  }
}
