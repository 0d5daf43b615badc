import type { CallLimits, EnhanceAnswer, EnhanceRequest, OutputDetail, Provider } from "@darkroom/provider-kit";
import { FaultServer, type Reply } from "@darkroom/provider-kit/fault-server";
import { createPhota, type PhotaOptions } from "../src/index.ts";

export const API_KEY = "phota-test-key-0123456789";
const NOW_MS = Date.parse("2026-11-21T12:00:00Z");

export const REQUEST: EnhanceRequest = {
  sessionId: "darkroom-batch-7",
  prompt: "Polish this portrait for a headshot",
  mode: "max",
  imageUrl: "https://store.test/in.jpg?X-Amz-Signature=feedface",
};

/** One provider with one faulty server. */
export class Harness {
  readonly server: FaultServer;
  readonly provider: Provider;
  /** Recorded calls of `onOutput`. */
  readonly outputs: { readonly url: string; readonly detail: OutputDetail | undefined }[] = [];
  /** Runs inside `onOutput`. */
  onOutput: () => Promise<void> = () => Promise.resolve();

  private constructor(server: FaultServer, options: Partial<PhotaOptions>) {
    this.server = server;
    this.provider = createPhota({ apiKey: API_KEY, baseUrl: server.url, nowMs: () => NOW_MS, ...options });
  }

  static async start(options: Partial<PhotaOptions> = {}): Promise<Harness> {
    return new Harness(await FaultServer.start(), options);
  }

  async enhance(
    reply: Reply,
    request: Partial<EnhanceRequest> = {},
    limits: Partial<CallLimits> = {},
  ): Promise<EnhanceAnswer> {
    this.server.plan(reply);
    const hooks = {
      onOutput: async (url: string, detail?: OutputDetail) => {
        this.outputs.push({ url, detail });
        await this.onOutput();
      },
      onProgress: () => undefined,
    };
    const { imageUrl, ...rest } = REQUEST;
    const image = request.imageBytes === undefined ? { imageUrl } : {};
    return await this.provider.enhance({ ...rest, ...image, ...request } as EnhanceRequest, hooks, {
      deadlineMs: 20_000,
      idleMs: 20_000,
      signal: new AbortController().signal,
      ...limits,
    });
  }

  async close(): Promise<void> {
    await this.provider.close();
    await this.server.close();
  }
}
