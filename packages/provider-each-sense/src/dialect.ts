import { recordAt, recordOf, type EnhanceRequest, type HttpRequest, type VendorRecord } from "@darkroom/provider-kit";

/** The two protocols of the agent (provider contract A.1). */
const DIALECTS = ["chat", "chat-completions"] as const;

export type Dialect = (typeof DIALECTS)[number];

/** Default base URL of each dialect. */
export const DEFAULT_BASE_URLS: Readonly<Record<Dialect, string>> = {
  chat: "https://sense.eachlabs.run",
  "chat-completions": "https://eachsense-agent.core.eachlabs.run",
};

/** The model's name in dialect `chat-completions`. */
const COMPLETIONS_MODEL = "eachsense/beta";

export interface Endpoint {
  readonly dialect: Dialect;
  readonly origin: string;
  /** The base URL's path, without a trailing slash. */
  readonly basePath: string;
  readonly apiKey: string;
}

function authorization(endpoint: Endpoint): Record<string, string> {
  return endpoint.dialect === "chat"
    ? { "x-api-key": endpoint.apiKey }
    : { authorization: `Bearer ${endpoint.apiKey}` };
}

/** Builds the request of one paid turn (provider contract A.2). Later turns of a session have no picture. */
export function generateRequest(endpoint: Endpoint, request: EnhanceRequest): HttpRequest {
  const shared = {
    session_id: request.sessionId,
    mode: request.mode,
    behavior: "agent",
    ...(request.imageUrl === undefined ? {} : { image_urls: [request.imageUrl] }),
    stream: true,
    web_search: false,
    enable_safety_checker: true,
  };
  const chat = endpoint.dialect === "chat";
  const body = chat
    ? { message: request.prompt, ...shared }
    : { model: COMPLETIONS_MODEL, messages: [{ role: "user", content: request.prompt }], ...shared };
  return {
    method: "POST",
    origin: endpoint.origin,
    path: `${endpoint.basePath}${chat ? "/chat" : "/v1/chat/completions"}`,
    headers: {
      "content-type": "application/json",
      accept: "text/event-stream",
      ...authorization(endpoint),
    },
    body: JSON.stringify(body),
  };
}

/** Builds a free request: for the session's memory, or the service's health. */
export function plainRequest(
  endpoint: Endpoint,
  method: "GET" | "DELETE",
  what: { readonly memoryOf: string } | "health",
): HttpRequest {
  const path = what === "health" ? "/health" : `/memory?session_id=${encodeURIComponent(what.memoryOf)}`;
  return {
    method,
    origin: endpoint.origin,
    path: `${endpoint.basePath}${path}`,
    headers: { accept: "application/json", ...authorization(endpoint) },
  };
}

/**
 * Returns the agent's event in one item of the stream: the item itself, or the extra key of an OpenAI chunk. An `error`
 * without a type, as sent by gateways, becomes an error event.
 */
export function eventOf(dialect: Dialect, item: unknown): VendorRecord | undefined {
  const record = recordOf(item);
  if (record === undefined) return undefined;
  const event = dialect === "chat" ? record : (recordAt(record, "eachlabs") ?? record);
  if (typeof event["type"] === "string") return event;
  const failed = event["error"] !== undefined && event["error"] !== null;
  return failed ? { ...event, type: "error" } : undefined;
}
