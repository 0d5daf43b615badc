import { Agent, request } from "undici";
import { isDarkroomError, messageOf } from "@darkroom/core";
import { readAll } from "./read-all.ts";
import { guardedConnect, isPrivateLiteral } from "./remote-sources.ts";

export type Download =
  | { readonly kind: "ok"; readonly bytes: Buffer }
  /** It is not there any more, and waiting will not bring it back. */
  | { readonly kind: "gone"; readonly message: string }
  | { readonly kind: "failed"; readonly message: string };

export interface DownloadLimits {
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** Whether results may come from private networks: where the provider, or its twin, is in one itself. */
  readonly allowPrivate: boolean;
}

/** No result is larger. */
export const MOST_RESULT_BYTES = 100 * 1_024 * 1_024;
const DEFAULT_LIMITS: DownloadLimits = { timeoutMs: 120_000, maxBytes: MOST_RESULT_BYTES, allowPrivate: false };

const PRIVATE = "the provider's result is at an address in a private network; such addresses are not fetched from";

/**
 * Fetches results from the provider's CDN, never from a private network unless that is allowed: what an agent answers may
 * be what somebody's prompt has made it say. Redirects are not followed. How many at once is decided by whoever asks, as they are held in memory. */
export class ResultDownloads {
  readonly #limits: DownloadLimits;
  readonly #agent: Agent;

  constructor(limits: Partial<DownloadLimits> = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    const { timeoutMs, allowPrivate } = this.#limits;
    this.#agent = new Agent({
      allowH2: false,
      connections: null,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      connect: guardedConnect(allowPrivate),
    });
  }

  async fetch(url: string, outer: AbortSignal): Promise<Download> {
    outer.throwIfAborted();
    const signal = AbortSignal.any([outer, AbortSignal.timeout(this.#limits.timeoutMs)]);
    try {
      if (!/^https?:\/\//i.test(url))
        return { kind: "gone", message: "the provider's result is not at an HTTP address" };
      if (!this.#limits.allowPrivate && URL.canParse(url) && isPrivateLiteral(new URL(url)))
        return { kind: "gone", message: PRIVATE };
      const { statusCode, body } = await request(url, { dispatcher: this.#agent, signal });
      if (statusCode === 200) return { kind: "ok", bytes: Buffer.from(await readAll(body, this.#limits.maxBytes)) };
      await body.dump();
      const message = `the provider's result could not be fetched: HTTP ${statusCode}`;
      return { kind: [401, 403, 404, 410].includes(statusCode) ? "gone" : "failed", message };
    } catch (error) {
      outer.throwIfAborted();
      const cause = error instanceof Error ? error.cause : undefined;
      if (isDarkroomError(error, "address_not_allowed") || isDarkroomError(cause, "address_not_allowed")) {
        return { kind: "gone", message: PRIVATE };
      }
      return { kind: "failed", message: `the provider's result could not be fetched: ${messageOf(error)}` };
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}
