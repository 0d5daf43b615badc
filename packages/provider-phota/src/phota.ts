import { DarkroomError, remembersCalls } from "@darkroom/core";
import {
  createHttpAgent,
  Deadline,
  exchange,
  lostAnswer,
  lostMessage,
  parseJson,
  reachOf,
  recordOf,
  type AcceptedInput,
  type CallLimits,
  type EnhanceAnswer,
  type EnhanceHooks,
  type EnhanceRequest,
  type Health,
  type HttpAgentOptions,
  type Provider,
  type RecallAnswer,
} from "@darkroom/provider-kit";
import { AnswerReader } from "./answer-reader.ts";
import { classify } from "./classify.ts";
import { faultOf } from "./fault.ts";
import { enhanceRequest, healthRequest, type Endpoint, type ResponseMode } from "./requests.ts";
import { resultOf } from "./result.ts";

const DEFAULT_BASE_URL = "https://api.photalabs.com";

/** Total deadline of a free request. */
const PLAIN_CALL_MS = 30_000;
const WHO = "Phota";

/**
 * Provider contract B, which has no size limits. Darkroom sets `maxBytes` and `minSidePx`; the first keeps a base64
 * request within the limits of gateways.
 */
export const PHOTA_ACCEPTS: AcceptedInput = {
  contentTypes: ["image/jpeg", "image/png", "image/webp", "image/heic", "image/heif"],
  maxBytes: 20_000_000,
  minSidePx: 64,
  maxSidePx: 4_096,
  by: ["url", "bytes"],
};

export interface PhotaOptions {
  readonly apiKey: string;
  /** An http(s) URL. Defaults to {@link DEFAULT_BASE_URL}. */
  readonly baseUrl?: string;
  /** Defaults to `urls`, so that a paid result survives the process that requested it. */
  readonly responseMode?: ResponseMode;
  /** Defaults to none. */
  readonly proxy?: HttpAgentOptions["proxy"];
  /** The clock, epoch milliseconds. Defaults to the system's. */
  readonly nowMs?: () => number;
}

function endpointOf({ apiKey, baseUrl, responseMode }: PhotaOptions): Endpoint {
  const url = URL.parse(baseUrl ?? DEFAULT_BASE_URL);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.search !== "") {
    throw new DarkroomError(
      "invalid_settings",
      "the base URL of Phota must be an http(s) URL without user, password or query",
      { field: "baseUrl" },
    );
  }
  if (!/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new DarkroomError(
      "invalid_settings",
      "the API key of Phota is empty or contains invalid characters; copy it again, without spaces",
      { field: "apiKey" },
    );
  }
  const basePath = url.pathname.replace(/\/+$/, "");
  return { origin: url.origin, basePath, apiKey, responseMode: responseMode ?? "urls" };
}

/**
 * Creates the adapter for an account at Phota Labs: one JSON request, one JSON answer (provider contract B). Phota has
 * no memory, so a request whose answer was lost may have been paid.
 *
 * @throws DarkroomError `invalid_settings` for an unusable base URL or key
 */
export function createPhota(options: PhotaOptions): Provider {
  return new Phota(options);
}

class Phota implements Provider {
  readonly name = "phota";
  readonly accepts = PHOTA_ACCEPTS;
  readonly remembers = remembersCalls(this.name);
  readonly answersWith: Provider["answersWith"];
  readonly #endpoint: Endpoint;
  readonly #secrets: readonly string[];
  readonly #nowMs: () => number;
  readonly #agent: ReturnType<typeof createHttpAgent>;

  constructor(options: PhotaOptions) {
    this.#endpoint = endpointOf(options);
    this.answersWith = this.#endpoint.responseMode === "bytes" ? "pictures" : "links";
    this.#secrets = [options.apiKey];
    this.#nowMs = options.nowMs ?? Date.now;
    this.#agent = createHttpAgent({ proxy: options.proxy });
  }

  /** Rejects only with the error of `onOutput`, never because of the provider or the picture. */
  async enhance(request: EnhanceRequest, hooks: EnhanceHooks, limits: CallLimits): Promise<EnhanceAnswer> {
    if ((request.imageUrl === undefined) === (request.imageBytes === undefined)) {
      const message = `${WHO} takes each picture either by a URL or within the request; give exactly one of the two`;
      return { kind: "refused", code: "invalid_request", billed: "no", message };
    }
    const answer = await this.#call(request, hooks, limits);
    if (answer.kind === "output") await hooks.onOutput(answer.url, answer);
    return answer;
  }

  /** Phota has no memory to query. */
  async recall(): Promise<RecallAnswer> {
    return { kind: "unknown" };
  }

  /** Phota keeps no sessions, so there is nothing to delete. */
  async forget(): Promise<boolean> {
    return true;
  }

  async health(signal: AbortSignal): Promise<Health> {
    const deadline = new Deadline({ deadlineMs: PLAIN_CALL_MS, idleMs: PLAIN_CALL_MS, signal });
    try {
      const result = await exchange(this.#agent, healthRequest(this.#endpoint), deadline);
      if (result.kind !== "answered") {
        return { ok: false, ...reachOf(result), message: lostMessage(result, WHO) };
      }
      const { head, text } = result;
      // The profile is unknown, as expected, and the answer proves that the key is valid.
      const knowsNobody = head.status === 404 && recordOf(parseJson(text)) !== undefined;
      if (knowsNobody || head.status < 300) return { ok: true, message: `${WHO} answers` };
      const answer = this.#classify(faultOf(head, text, this.#nowMs()), []);
      return { ok: false, message: "message" in answer ? answer.message : `${WHO} answers HTTP ${head.status}` };
    } finally {
      deadline.close();
    }
  }

  /** Aborts all running requests and closes every connection. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #call(request: EnhanceRequest, hooks: EnhanceHooks, limits: CallLimits): Promise<EnhanceAnswer> {
    const reader = new AnswerReader((bytes) => hooks.onPictureBytes?.(bytes));
    const deadline = new Deadline(limits);
    try {
      const result = await exchange(this.#agent, enhanceRequest(this.#endpoint, request), deadline, reader);
      switch (result.kind) {
        case "answered":
          return this.#classify(faultOf(result.head, result.text, this.#nowMs()), request.profileIds ?? []);
        case "streamed":
          return resultOf(reader);
        case "failed":
        case "ended":
          return reader.finished ? resultOf(reader) : lostAnswer(result, WHO);
        default:
          return result satisfies never;
      }
    } finally {
      deadline.close();
    }
  }

  #classify(fault: ReturnType<typeof faultOf>, profileIds: readonly string[]): EnhanceAnswer {
    return classify(fault, { secrets: this.#secrets, profileIds });
  }
}
