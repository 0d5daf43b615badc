import type { Readable } from "node:stream";
import { DarkroomError, hostOf } from "@darkroom/core";
import { faultCode, isNoConnection, whyNoConnection } from "./no-connection.ts";
import { NetworkGuard } from "./network-guard.ts";
import { OutgoingAgent } from "./outgoing-agent.ts";
import type { ProxySettings } from "./proxy-settings.ts";
import { dnsResolver, resolveLocally, type ResolveName } from "./resolve-name.ts";
import { parseRetryAfterMs } from "./retry-after.ts";

/** Deadline of a request, from the name's resolution to the last byte of the answer, in ms. */
const WHOLE_MS = 20_000;
/** Bytes of an answer that are read. The connection is closed at a longer one. */
const MAX_ANSWER_BYTES = 64 * 1_024;

export interface GuardedPostsOptions {
  /** True to allow private networks and `http://`. */
  readonly allowPrivate: boolean;
  /** Defaults to none. */
  readonly proxy?: ProxySettings | undefined;
  /** Deadline of a request in ms. Defaults to 20 seconds. */
  readonly wholeMs?: number | undefined;
  /** Defaults to DNS alone; with `allowPrivate`, to the machine's own way, which knows names of private networks. */
  readonly resolve?: ResolveName | undefined;
}

export interface PostedRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

export interface PostAnswer {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
}

/**
 * Posts to URLs that users configured. Resolves the name for each request, refuses it if any of its addresses is
 * private, and connects to an address that was checked. Follows no redirect.
 */
export class GuardedPosts {
  readonly #allowPrivate: boolean;
  readonly #wholeMs: number;
  readonly #guard: NetworkGuard;
  readonly #agent: OutgoingAgent;

  constructor({ allowPrivate, proxy, wholeMs = WHOLE_MS, resolve }: GuardedPostsOptions) {
    this.#allowPrivate = allowPrivate;
    this.#wholeMs = wholeMs;
    this.#guard = new NetworkGuard(allowPrivate, proxy, {
      isStrict: true,
      resolve: resolve ?? (allowPrivate ? resolveLocally : dnsResolver()),
    });
    this.#agent = new OutgoingAgent({
      proxy,
      allowH2: false,
      // A connection for each request, so that the address is checked each time and none is closed by its idle server.
      pipelining: 0,
      headersTimeout: wholeMs,
      bodyTimeout: wholeMs,
      connect: this.#guard.connect,
    });
  }

  /**
   * Sends one request and reads a bounded part of the answer.
   *
   * @throws the signal's reason; DarkroomError `address_not_allowed`, or `remote_unavailable` without an answer. Its
   *   message contains the host alone, because the rest of a URL may be secret
   */
  async post(url: URL, { headers, body, signal }: PostedRequest): Promise<PostAnswer> {
    signal.throwIfAborted();
    const host = hostOf(url);
    const deadline = AbortSignal.timeout(this.#wholeMs);
    const within = AbortSignal.any([signal, deadline]);
    try {
      if (url.protocol !== "https:" && !this.#allowPrivate) {
        throw new DarkroomError("address_not_allowed", `${host} is to be reached without TLS; use https://.`);
      }
      // Undici ignores the signal until it has a connection.
      return await unlessAborted(this.#send(url, { headers, body, signal: within }), within);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof DarkroomError) throw error;
      if (error instanceof Error && error.cause instanceof DarkroomError) throw error.cause;
      throw new DarkroomError("remote_unavailable", `${host} ${this.#whyNoAnswer(error, deadline)}`, { cause: error });
    }
  }

  async #send(url: URL, { headers, body, signal }: PostedRequest): Promise<PostAnswer> {
    await this.#guard.check(url);
    const answer = await this.#agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: "POST",
      headers: { ...headers },
      body,
      signal,
    });
    const { statusCode: status, headers: answered } = answer;
    await readAtMost(answer.body, MAX_ANSWER_BYTES);
    return { status, retryAfterMs: parseRetryAfterMs(answered["retry-after"], Date.now()) };
  }

  #whyNoAnswer(error: unknown, deadline: AbortSignal): string {
    if (deadline.aborted) return `did not answer within ${this.#wholeMs / 1_000} s`;
    if (isNoConnection(error)) return `cannot be reached: ${whyNoConnection(error)}`;
    return `gave no usable answer (${error instanceof Error ? faultCode(error) : "unknown"})`;
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

/** Rejects with the signal's reason as soon as it is aborted. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return await new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    work.then(resolve, reject);
  });
}

/** Reads a body to its end, or closes the connection of a longer one. */
async function readAtMost(body: Readable, maxBytes: number): Promise<void> {
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) break;
  }
}
