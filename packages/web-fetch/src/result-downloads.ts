import { isDarkroomError, messageOf } from "@darkroom/core";
import { fetchFollowing, type FetchedAnswer } from "./fetch-following.ts";
import { NetworkGuard } from "./network-guard.ts";
import { isNoConnection, whyNoConnection } from "./no-connection.ts";
import { OutgoingAgent } from "./outgoing-agent.ts";
import type { ProxySettings } from "./proxy-settings.ts";
import { readWithin } from "./read-all.ts";
import { parseRetryAfterMs } from "./retry-after.ts";

export type Download =
  | { readonly kind: "ok"; readonly bytes: Buffer }
  /** It is not there any more, and waiting will not bring it back. */
  | { readonly kind: "gone"; readonly message: string }
  | {
      readonly kind: "failed";
      readonly message: string;
      /** The server asks not to come back sooner. */
      readonly retryAfterMs?: number;
      /** No connection could be made to where it is. Defaults to false. */
      readonly unreached?: true;
    }
  /** It has more bytes than were to be read, and none of it is kept. `sizeBytes`: where the server says how many. */
  | { readonly kind: "larger"; readonly sizeBytes?: number };

export interface DownloadLimits {
  readonly timeoutMs: number;
  /** Whether results may come from private networks: where the provider, or its twin, is in one itself. */
  readonly allowPrivate: boolean;
  readonly proxy: ProxySettings;
}

/** No result is larger. */
export const MOST_RESULT_BYTES = 100 * 1_024 * 1_024;
const DEFAULT_LIMITS: DownloadLimits = {
  timeoutMs: 120_000,
  allowPrivate: false,
  proxy: {},
};

const PRIVATE = "the provider's result is at an address in a private network; such addresses are not fetched from";
/** Statuses of a picture that is whole. */
const WHOLE: ReadonlySet<number> = new Set([200, 203]);
const GONE: ReadonlySet<number> = new Set([401, 403, 404, 410]);

/**
 * Fetches results from the provider's CDN, never from a private network unless that is allowed: what an agent answers may
 * be what somebody's prompt has made it say. Follows a few redirects. How many at once is decided by whoever asks, as
 * they are held in memory.
 */
export class ResultDownloads {
  readonly #limits: DownloadLimits;
  readonly #guard: NetworkGuard;
  readonly #agent: OutgoingAgent;

  constructor(limits: Partial<DownloadLimits> = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    const { timeoutMs, allowPrivate, proxy } = this.#limits;
    this.#guard = new NetworkGuard(allowPrivate, proxy);
    this.#agent = new OutgoingAgent({
      proxy,
      allowH2: false,
      connections: null,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      connect: this.#guard.connect,
    });
  }

  /** @param maxBytes what is set aside in memory for it; no more than that is read */
  async fetch(link: string, outer: AbortSignal, maxBytes: number = MOST_RESULT_BYTES): Promise<Download> {
    outer.throwIfAborted();
    const url = URL.parse(link);
    if (url === null || !/^https?:$/.test(url.protocol)) {
      return { kind: "gone", message: "the provider's result is not at an HTTP address" };
    }
    const signal = AbortSignal.any([outer, AbortSignal.timeout(this.#limits.timeoutMs)]);
    try {
      const answer = await fetchFollowing(url, { agent: this.#agent, guard: this.#guard, signal });
      const { status, headers, body } = answer;
      if (WHOLE.has(status)) return await readResult(answer, maxBytes);
      await body.dump();
      const message = `the provider's result could not be fetched: HTTP ${status}`;
      if (GONE.has(status)) return { kind: "gone", message };
      const retryAfterMs = parseRetryAfterMs(headers["retry-after"], Date.now());
      return { kind: "failed", message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
    } catch (error) {
      outer.throwIfAborted();
      const cause = error instanceof Error ? error.cause : undefined;
      const refusal = isDarkroomError(error, "address_not_allowed") ? error : cause;
      if (isDarkroomError(refusal, "address_not_allowed") && !refusal.retryable) {
        return { kind: "gone", message: PRIVATE };
      }
      const message = "the provider's result could not be fetched";
      if (!isNoConnection(error)) return { kind: "failed", message: `${message}: ${messageOf(error)}` };
      return { kind: "failed", message: `${message} (${whyNoConnection(error)})`, unreached: true };
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

async function readResult({ headers, body }: FetchedAnswer, maxBytes: number): Promise<Download> {
  // Of what was decoded on its way the length is not known; `OutgoingAgent` takes the header away.
  const told = headers["content-length"];
  const sizeBytes = typeof told === "string" ? Number(told) : undefined;
  if (sizeBytes !== undefined && sizeBytes > maxBytes) {
    body.on("error", () => undefined).destroy();
    return { kind: "larger", sizeBytes };
  }
  const bytes = await readWithin(body, maxBytes);
  return bytes === undefined ? { kind: "larger" } : { kind: "ok", bytes };
}
