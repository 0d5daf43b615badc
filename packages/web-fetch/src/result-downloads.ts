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
  /** True if the result no longer exists and waiting will not help. */
  | { readonly kind: "gone"; readonly message: string }
  | {
      readonly kind: "failed";
      readonly message: string;
      /** The delay that the server requested. */
      readonly retryAfterMs?: number;
      /** True if no connection could be made. Defaults to false. */
      readonly unreached?: true;
    }
  /** The result exceeds the limit and was discarded. `sizeBytes`: its size, if stated by the server. */
  | { readonly kind: "larger"; readonly sizeBytes?: number };

export interface DownloadLimits {
  readonly timeoutMs: number;
  /** Allows results in private networks, for a provider or simulator that is itself in one. */
  readonly allowPrivate: boolean;
  readonly proxy: ProxySettings;
}

/** Upper limit for a result. Real results are smaller. */
export const MOST_RESULT_BYTES = 100 * 1_024 * 1_024;
const DEFAULT_LIMITS: DownloadLimits = {
  timeoutMs: 120_000,
  allowPrivate: false,
  proxy: {},
};

const PRIVATE =
  "the provider's result is at an address in a private network; Darkroom does not fetch from such addresses";
/** Statuses of a complete picture. */
const WHOLE: ReadonlySet<number> = new Set([200, 203]);
const GONE: ReadonlySet<number> = new Set([401, 403, 404, 410]);

/**
 * Fetches results from the provider's CDN, never from a private network unless that is allowed, because a user's prompt
 * may have made an agent return the URL. Follows a few redirects. The caller limits concurrency, because results are
 * kept in memory.
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

  /** @param maxBytes the reserved memory, which limits the download */
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
  // After decoding, the length is unknown, and `OutgoingAgent` removes the header.
  const told = headers["content-length"];
  const sizeBytes = typeof told === "string" ? Number(told) : undefined;
  if (sizeBytes !== undefined && sizeBytes > maxBytes) {
    body.on("error", () => undefined).destroy();
    return { kind: "larger", sizeBytes };
  }
  const bytes = await readWithin(body, maxBytes, sizeBytes);
  return bytes === undefined ? { kind: "larger" } : { kind: "ok", bytes };
}
