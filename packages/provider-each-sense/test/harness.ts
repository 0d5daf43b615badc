import type { CallLimits, EnhanceAnswer, EnhanceRequest, Provider, RateLimits } from "@darkroom/provider-kit";
import { FaultServer, type Reply } from "@darkroom/provider-kit/fault-server";
import { createEachSense, type EachSenseOptions } from "../src/index.ts";

export const API_KEY = "each-test-key-0123456789";
export const NOW_MS = Date.parse("2026-11-21T12:00:00Z");

export const REQUEST: EnhanceRequest = {
  sessionId: "darkroom-batch-7",
  prompt: "Polish this portrait for a headshot",
  mode: "eco",
  imageUrl: "https://store.test/in.jpg?X-Amz-Signature=feedface",
};

export function limitsOf(over: Partial<CallLimits> = {}): CallLimits {
  return { deadlineMs: 20_000, idleMs: 20_000, signal: new AbortController().signal, ...over };
}

/** One provider with one faulty server. */
export class Harness {
  readonly server: FaultServer;
  readonly provider: Provider;
  /** Recorded calls of `onOutput`. */
  readonly outputs: string[] = [];
  readonly progress: { readonly message: string; readonly percent?: number }[] = [];
  /** Recorded calls of `onLimits`. */
  readonly limits: RateLimits[] = [];
  /** Runs inside `onOutput`. */
  onOutput: (url: string) => Promise<void> = () => Promise.resolve();

  private constructor(server: FaultServer, options: Partial<EachSenseOptions>) {
    this.server = server;
    this.provider = createEachSense({ apiKey: API_KEY, baseUrl: server.url, nowMs: () => NOW_MS, ...options });
  }

  static async start(options: Partial<EachSenseOptions> = {}): Promise<Harness> {
    return new Harness(await FaultServer.start(), options);
  }

  async enhance(
    reply: Reply,
    limits: Partial<CallLimits> = {},
    request: EnhanceRequest = REQUEST,
  ): Promise<EnhanceAnswer> {
    this.server.plan(reply);
    const hooks = {
      onOutput: async (url: string) => {
        this.outputs.push(url);
        await this.onOutput(url);
      },
      onProgress: (progress: { readonly message: string; readonly percent?: number }) =>
        void this.progress.push(progress),
      onLimits: (told: RateLimits) => void this.limits.push(told),
    };
    return this.provider.enhance(request, hooks, limitsOf(limits));
  }

  async close(): Promise<void> {
    await this.provider.close();
    await this.server.close();
  }
}
