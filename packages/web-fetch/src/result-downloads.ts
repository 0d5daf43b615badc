import { isDarkroomError, messageOf } from "@darkroom/core";
import { fetchFollowing } from "./fetch-following.ts";
import { NetworkGuard } from "./network-guard.ts";
import { OutgoingAgent } from "./outgoing-agent.ts";
import type { ProxySettings } from "./proxy-settings.ts";
import { readAll } from "./read-all.ts";
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
    };

export interface DownloadLimits {
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** Whether results may come from private networks: where the provider, or its twin, is in one itself. */
  readonly allowPrivate: boolean;
  readonly proxy: ProxySettings;
}

/** No result is larger. */
export const MOST_RESULT_BYTES = 100 * 1_024 * 1_024;
const DEFAULT_LIMITS: DownloadLimits = {
  timeoutMs: 120_000,
  maxBytes: MOST_RESULT_BYTES,
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

  async fetch(link: string, outer: AbortSignal): Promise<Download> {
    outer.throwIfAborted();
    const url = URL.parse(link);
    if (url === null || !/^https?:$/.test(url.protocol)) {
      return { kind: "gone", message: "the provider's result is not at an HTTP address" };
    }
    const signal = AbortSignal.any([outer, AbortSignal.timeout(this.#limits.timeoutMs)]);
    try {
      const answer = await fetchFollowing(url, { agent: this.#agent, guard: this.#guard, signal });
      const { status, headers, body } = answer;
      if (WHOLE.has(status)) return { kind: "ok", bytes: Buffer.from(await readAll(body, this.#limits.maxBytes)) };
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
      return { kind: "failed", message: `the provider's result could not be fetched: ${messageOf(error)}` };
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}
