import {
  lostMessage,
  reachOf,
  createHttpAgent,
  Deadline,
  exchange,
  lostAnswer,
  parseJson,
  parseRetryAfterMs,
  recordOf,
  redact,
  textAt,
  type AcceptedInput,
  type CallLimits,
  type EnhanceAnswer,
  type EnhanceHooks,
  type EnhanceRequest,
  type Exchange,
  type Provider,
} from "../../src/index.ts";

/**
 * A minimal adapter for an imaginary service: `POST /retouch` with `{picture, words}` answers `{link}`.
 * `docs/providers.md` explains it line by line.
 */
const ACCEPTS: AcceptedInput = {
  contentTypes: ["image/jpeg", "image/png"],
  maxBytes: 10_000_000,
  minSidePx: 256,
  maxSidePx: 4_096,
  by: ["url"],
};

const WHO = "Retoucher";
const DEFAULT_WAIT_MS = 10_000;
const HEALTH_MS = 10_000;

export class ExampleProvider implements Provider {
  // One of core's PROVIDERS. A real adapter adds its own name there.
  readonly name = "phota";
  readonly accepts = ACCEPTS;
  readonly remembers = false;
  readonly answersWith = "links";
  readonly #origin: string;
  readonly #apiKey: string;
  readonly #agent = createHttpAgent();

  constructor(options: { readonly apiKey: string; readonly baseUrl: string }) {
    this.#origin = new URL(options.baseUrl).origin;
    this.#apiKey = options.apiKey;
  }

  async enhance(request: EnhanceRequest, hooks: EnhanceHooks, limits: CallLimits): Promise<EnhanceAnswer> {
    const deadline = new Deadline(limits);
    try {
      const body = JSON.stringify({ picture: request.imageUrl, words: request.prompt });
      const result = await this.#ask("POST", "/retouch", deadline, body);
      if (result.kind === "failed" || result.kind === "ended") return lostAnswer(result, WHO);
      if (result.kind === "streamed") throw new TypeError("nothing was to be streamed");
      const link = result.head.status === 200 ? textAt(recordOf(parseJson(result.text)), "link") : undefined;
      if (link === undefined) return this.#refusal(result);
      // Writes the receipt first.
      await hooks.onOutput(link);
      return { kind: "output", url: link };
    } finally {
      deadline.close();
    }
  }

  /** Maps every status to one of the port's answers. An unknown status may have cost money. */
  #refusal({ head, text }: Extract<Exchange, { readonly kind: "answered" }>): EnhanceAnswer {
    const { status, headers } = head;
    const words = textAt(recordOf(parseJson(text)), "error") ?? "it said nothing that can be read";
    const message = redact(`${WHO} answered HTTP ${status}: ${words}`, [this.#apiKey]);
    if (status === 401 || status === 403) return { kind: "blocked", reason: "auth", message };
    if (status === 402) return { kind: "blocked", reason: "balance", message };
    if (status === 429) {
      const retryAfterMs = parseRetryAfterMs(headers["retry-after"], Date.now()) ?? DEFAULT_WAIT_MS;
      return { kind: "throttled", retryAfterMs, message };
    }
    if (words === "not allowed") return { kind: "refused", code: "content_policy", billed: "no", message };
    if (status >= 400 && status < 500) return { kind: "refused", code: "invalid_request", billed: "no", message };
    return { kind: "failed", code: "provider_error", sent: true, billed: "maybe", message };
  }

  /** This service has no memory, so a lost answer may have been paid. */
  recall(): ReturnType<Provider["recall"]> {
    return Promise.resolve({ kind: "unknown" });
  }

  forget(): Promise<boolean> {
    return Promise.resolve(true);
  }

  async health(signal: AbortSignal): ReturnType<Provider["health"]> {
    const deadline = new Deadline({ deadlineMs: HEALTH_MS, idleMs: HEALTH_MS, signal });
    try {
      const result = await this.#ask("GET", "/health", deadline);
      if (result.kind === "failed" || result.kind === "ended") {
        return { ok: false, ...reachOf(result), message: lostMessage(result, WHO) };
      }
      const ok = result.kind === "answered" && result.head.status === 200;
      return { ok, message: ok ? `${WHO} answers` : `${WHO} does not answer` };
    } finally {
      deadline.close();
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #ask(method: "GET" | "POST", path: string, deadline: Deadline, body?: string): Promise<Exchange> {
    const headers = { authorization: `Bearer ${this.#apiKey}`, "content-type": "application/json" };
    const request = { method, origin: this.#origin, path, headers, ...(body === undefined ? {} : { body }) };
    return await exchange(this.#agent, request, deadline);
  }
}
