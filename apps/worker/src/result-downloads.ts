import { Agent, request } from "undici";
import { messageOf } from "@darkroom/core";
import { readAll } from "./read-all.ts";

export type Download =
  | { readonly kind: "ok"; readonly bytes: Buffer }
  /** It is not there any more, and waiting will not bring it back. */
  | { readonly kind: "gone"; readonly message: string }
  | { readonly kind: "failed"; readonly message: string };

export interface DownloadLimits {
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** No result is larger. */
export const MOST_RESULT_BYTES = 100 * 1_024 * 1_024;
const DEFAULT_LIMITS: DownloadLimits = { timeoutMs: 120_000, maxBytes: MOST_RESULT_BYTES };

/** Fetches results from the provider's CDN. How many at once is decided by whoever asks, as they are held in memory. */
export class ResultDownloads {
  readonly #limits: DownloadLimits;
  readonly #agent: Agent;

  constructor(limits: Partial<DownloadLimits> = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    const { timeoutMs } = this.#limits;
    this.#agent = new Agent({ allowH2: false, connections: null, headersTimeout: timeoutMs, bodyTimeout: timeoutMs });
  }

  async fetch(url: string, outer: AbortSignal): Promise<Download> {
    outer.throwIfAborted();
    const signal = AbortSignal.any([outer, AbortSignal.timeout(this.#limits.timeoutMs)]);
    try {
      if (!/^https?:\/\//i.test(url))
        return { kind: "gone", message: "the provider's result is not at an HTTP address" };
      const { statusCode, body } = await request(url, { dispatcher: this.#agent, signal });
      if (statusCode === 200) return { kind: "ok", bytes: Buffer.from(await readAll(body, this.#limits.maxBytes)) };
      await body.dump();
      const message = `the provider's result could not be fetched: HTTP ${statusCode}`;
      return { kind: [401, 403, 404, 410].includes(statusCode) ? "gone" : "failed", message };
    } catch (error) {
      outer.throwIfAborted();
      return { kind: "failed", message: `the provider's result could not be fetched: ${messageOf(error)}` };
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}
