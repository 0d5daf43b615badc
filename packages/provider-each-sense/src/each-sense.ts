import { DarkroomError, MAX_PROMPT_CHARS } from "@darkroom/core";
import {
  createHttpAgent,
  Deadline,
  exchange,
  lostAnswer,
  lostMessage,
  reachOf,
  type AcceptedInput,
  type CallLimits,
  type EnhanceAnswer,
  type EnhanceHooks,
  type EnhanceRequest,
  type Health,
  type HttpRequest,
  type HttpAgentOptions,
  type PlainExchange,
  type Provider,
  type RateLimits,
  type UploadAnswer,
  type UploadRequest,
} from "@darkroom/provider-kit";
import { AgentStream } from "./agent-stream.ts";
import { classify } from "./classify.ts";
import { DEFAULT_BASE_URLS, generateRequest, plainRequest, type Dialect, type Endpoint } from "./dialect.ts";
import { faultOfAnswer } from "./fault.ts";
import { rateLimitsOf } from "./rate-limits.ts";
import { recallAnswer } from "./recall.ts";
import { DEFAULT_STORAGE_URL, putPicture, type StorageEndpoint } from "./storage.ts";

/** Total deadline of a free request: recall, deletion, health. */
const PLAIN_CALL_MS = 30_000;

const WHO = "each::sense";

/** Provider contract A.3. Only the formats that all of the provider's pages list. */
export const EACH_SENSE_ACCEPTS: AcceptedInput = {
  contentTypes: ["image/jpeg", "image/png"],
  maxBytes: 20_000_000,
  minSidePx: 64,
  maxSidePx: 8_192,
  by: ["url"],
};

export interface EachSenseOptions {
  readonly apiKey: string;
  /** Defaults to `chat`. */
  readonly dialect?: Dialect;
  /** An http(s) URL. Defaults to the dialect's own address. */
  readonly baseUrl?: string;
  /** An http(s) URL of each::storage. Defaults to {@link DEFAULT_STORAGE_URL}. */
  readonly storageUrl?: string;
  /** Called when the provider's answer contains the account's limits. Must not throw. */
  readonly onLimits?: (limits: RateLimits) => void;
  /** Defaults to none. */
  readonly proxy?: HttpAgentOptions["proxy"];
  /** The clock, epoch milliseconds. Defaults to the system's. */
  readonly nowMs?: () => number;
}

/** Splits an http(s) URL into the parts that a request needs. */
function addressOf(text: string, what: string, field: string): { readonly origin: string; readonly basePath: string } {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.search !== "") {
    throw new DarkroomError(
      "invalid_settings",
      `the base URL of ${what} must be an http(s) URL without user, password or query`,
      { field },
    );
  }
  return { origin: url.origin, basePath: url.pathname.replace(/\/+$/, "") };
}

function endpointOf(options: EachSenseOptions): Endpoint {
  const dialect = options.dialect ?? "chat";
  const address = addressOf(options.baseUrl ?? DEFAULT_BASE_URLS[dialect], WHO, "baseUrl");
  if (!/^[\x21-\x7e]+$/.test(options.apiKey)) {
    throw new DarkroomError(
      "invalid_settings",
      "the API key of each::sense is empty or contains invalid characters; copy it again, without spaces",
      { field: "apiKey" },
    );
  }
  return { dialect, ...address, apiKey: options.apiKey };
}

function storageOf({ apiKey, storageUrl }: EachSenseOptions): StorageEndpoint {
  return { ...addressOf(storageUrl ?? DEFAULT_STORAGE_URL, "each::storage", "storageUrl"), apiKey };
}

/**
 * Creates the adapter for an account at each::sense, an agent behind a chat endpoint that answers with server-sent
 * events (provider contract A).
 *
 * @throws DarkroomError `invalid_settings` for an unusable base URL or key
 */
export function createEachSense(options: EachSenseOptions): Provider {
  return new EachSense(options);
}

class EachSense implements Provider {
  readonly name = "each-sense";
  readonly accepts = EACH_SENSE_ACCEPTS;
  readonly remembers = true;
  readonly answersWith = "links";
  readonly #endpoint: Endpoint;
  readonly #storage: StorageEndpoint;
  readonly #secrets: readonly string[];
  readonly #onLimits: ((limits: RateLimits) => void) | undefined;
  readonly #nowMs: () => number;
  readonly #agent: ReturnType<typeof createHttpAgent>;

  constructor(options: EachSenseOptions) {
    this.#endpoint = endpointOf(options);
    this.#storage = storageOf(options);
    this.#secrets = [options.apiKey];
    this.#onLimits = options.onLimits;
    this.#nowMs = options.nowMs ?? Date.now;
    this.#agent = createHttpAgent({ proxy: options.proxy });
  }

  /**
   * Rejects only with the error of `hooks.onOutput`, never because of the provider. Waits for a running `onOutput`
   * before it returns, even after the deadline.
   */
  async enhance(request: EnhanceRequest, hooks: EnhanceHooks, limits: CallLimits): Promise<EnhanceAnswer> {
    if (request.prompt.length > MAX_PROMPT_CHARS) {
      const message = `the prompt is longer than the ${MAX_PROMPT_CHARS} characters that ${WHO} accepts; shorten it`;
      return { kind: "refused", code: "invalid_request", billed: "no", message };
    }
    const stream = new AgentStream({
      dialect: this.#endpoint.dialect,
      hooks,
      secrets: this.#secrets,
      nowMs: this.#nowMs,
      onHead: (head) => this.#observe(head, hooks),
    });
    const deadline = new Deadline(limits);
    try {
      const result = await exchange(this.#agent, generateRequest(this.#endpoint, request), deadline, stream);
      switch (result.kind) {
        case "answered":
          return classify(faultOfAnswer(result.head, result.text, this.#nowMs()), this.#secrets);
        case "streamed":
          return stream.conclude();
        case "failed":
        case "ended":
          return stream.concludeLost(lostAnswer(result, WHO));
        default:
          return result satisfies never;
      }
    } finally {
      deadline.close();
    }
  }

  async recall(request: Parameters<Provider["recall"]>[0], signal: AbortSignal): ReturnType<Provider["recall"]> {
    const result = await this.#ask(plainRequest(this.#endpoint, "GET", { memoryOf: request.sessionId }), signal);
    return recallAnswer(result, request, this.#secrets, this.#nowMs());
  }

  /** Uploads a picture to each::storage (provider contract A.3). Never rejects because of the provider. */
  async upload(request: UploadRequest, signal: AbortSignal): Promise<UploadAnswer> {
    return await putPicture(this.#agent, this.#storage, request, signal, this.#nowMs);
  }

  async forget(sessionId: string, signal: AbortSignal): Promise<boolean> {
    const result = await this.#ask(plainRequest(this.#endpoint, "DELETE", { memoryOf: sessionId }), signal);
    // A missing session counts as deleted.
    return result.kind === "answered" && (result.head.status < 300 || result.head.status === 404);
  }

  async health(signal: AbortSignal): Promise<Health> {
    const result = await this.#ask(plainRequest(this.#endpoint, "GET", "health"), signal);
    if (result.kind !== "answered") return { ok: false, ...reachOf(result), message: lostMessage(result, WHO) };
    const { head, text } = result;
    if (head.status < 300) return { ok: true, message: `${WHO} answers` };
    return { ok: false, message: classify(faultOfAnswer(head, text, this.#nowMs()), this.#secrets).message };
  }

  /** Aborts all running requests and closes every connection. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #ask(request: HttpRequest, signal: AbortSignal): Promise<PlainExchange> {
    const deadline = new Deadline({ deadlineMs: PLAIN_CALL_MS, idleMs: PLAIN_CALL_MS, signal });
    try {
      const result = await exchange(this.#agent, request, deadline);
      if (result.kind === "answered") this.#observe(result.head);
      return result;
    } finally {
      deadline.close();
    }
  }

  #observe(head: Parameters<typeof rateLimitsOf>[0], hooks?: EnhanceHooks): void {
    if (this.#onLimits === undefined && hooks?.onLimits === undefined) return;
    const limits = rateLimitsOf(head, this.#nowMs());
    if (limits === undefined) return;
    this.#onLimits?.(limits);
    hooks?.onLimits?.(limits);
  }
}
