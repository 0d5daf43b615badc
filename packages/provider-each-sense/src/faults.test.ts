import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  answer,
  bytes,
  CUT,
  DONE,
  dropped,
  event,
  FaultServer,
  HANG,
  silent,
  stream,
} from "@darkroom/provider-kit/fault-server";
import { API_KEY, Harness, limitsOf, NOW_MS, REQUEST } from "../test/harness.ts";
import { createEachSense } from "./index.ts";

const FIRST = "https://cdn.test/out/1.png?sig=aaaa";

const thinking = event({ type: "thinking_delta", content: "hm" });
const generation = (url: string, ...before: string[]) =>
  event({ type: "generation_response", url, generations: [...before, url], total: before.length + 1, model: "nano" });
const complete = event({ type: "complete", task_id: "t", status: "ok", generations: [] });
const error = (fields: object) => event({ type: "error", ...fields });

let harness: Harness;

beforeEach(async () => {
  harness = await Harness.start();
});

afterEach(async () => {
  await harness.close();
});

describe("faults", () => {
  const lost = { kind: "failed", code: "provider_error", sent: true, billed: "maybe" };

  it.each([
    ["in the middle of an event", [thinking, bytes('data: {"type":"generation_resp'), CUT]],
    ["between events", [thinking, CUT]],
    ["in good order, but without an end", [thinking]],
    ["before any event", []],
  ])("reports a stream cut %s as a failure that may be billed", async (_, steps) => {
    await expect(harness.enhance(stream(...steps))).resolves.toMatchObject(lost);
  });

  it.each([
    ["cut", [CUT]],
    ["ended without complete", []],
    ["silent", [HANG]],
    ["endless", [{ trickleMs: 10 }]],
  ])("keeps the picture of a stream that is %s after it", async (_, steps) => {
    const limits = { idleMs: 600, deadlineMs: 1_500 };
    await expect(harness.enhance(stream(generation(FIRST), ...steps), limits)).resolves.toMatchObject({
      kind: "output",
      url: FIRST,
      unfinished: true,
    });
    expect(harness.outputs).toEqual([FIRST]);
  });

  it("ends a silent stream at the idle limit", async () => {
    await expect(harness.enhance(stream(thinking, HANG), { idleMs: 100 })).resolves.toEqual({
      kind: "failed",
      code: "timeout",
      sent: true,
      billed: "maybe",
      message: "each::sense was silent for too long",
    });
    await vi.waitFor(async () => expect(await harness.server.connections()).toBe(0));
  });

  it("ends a trickling stream at the deadline", async () => {
    const limits = { idleMs: 5_000, deadlineMs: 200 };
    await expect(harness.enhance(stream(thinking, { trickleMs: 10 }), limits)).resolves.toMatchObject({
      kind: "failed",
      code: "timeout",
      sent: true,
      message: "each::sense did not answer within the deadline",
    });
  });

  it("ends when the headers never arrive", async () => {
    await expect(harness.enhance(silent, { idleMs: 100 })).resolves.toMatchObject({ code: "timeout", sent: true });
  });

  it("reports that a refused connection cost nothing", async () => {
    const other = await FaultServer.start();
    const provider = createEachSense({ apiKey: API_KEY, baseUrl: other.url });
    await other.close();
    const hooks = { onOutput: () => Promise.resolve(), onProgress: () => undefined };
    await expect(provider.enhance(REQUEST, hooks, limitsOf())).resolves.toEqual({
      kind: "failed",
      code: "provider_error",
      sent: false,
      billed: "no",
      unreached: true,
      message: "no connection to each::sense (ECONNREFUSED: it refused the connection)",
    });
    await provider.close();
  });

  it("reports that a request whose connection broke may have arrived, and does not repeat it", async () => {
    await expect(harness.enhance(dropped)).resolves.toMatchObject(lost);
    expect(harness.server.requests).toHaveLength(1);
  });

  it("can be aborted in the middle of a stream", async () => {
    const controller = new AbortController();
    const asked = Promise.withResolvers<void>();
    const result = harness.enhance(
      async (call) => {
        asked.resolve();
        await stream(thinking, HANG)(call);
      },
      { signal: controller.signal },
    );
    await asked.promise;
    controller.abort();
    await expect(result).resolves.toEqual({
      kind: "aborted",
      sent: true,
      message: "the call to each::sense was cancelled",
    });
    await vi.waitFor(async () => expect(await harness.server.connections()).toBe(0));
  });

  it("can be aborted before it began, having sent nothing", async () => {
    await expect(harness.enhance(silent, { signal: AbortSignal.abort() })).resolves.toMatchObject({
      kind: "aborted",
      sent: false,
    });
    expect(harness.server.requests).toHaveLength(0);
  });

  it("keeps the picture when it is aborted after it", async () => {
    const controller = new AbortController();
    harness.onOutput = () => {
      controller.abort();
      return Promise.resolve();
    };
    const result = harness.enhance(stream(generation(FIRST), HANG), { signal: controller.signal });
    await expect(result).resolves.toMatchObject({ kind: "output", url: FIRST, unfinished: true });
  });

  it("keeps a picture when a later step fails, but not when the content is refused", async () => {
    const later = error({ message: "upscaling failed", error_code: "INTERNAL_ERROR" });
    await expect(harness.enhance(stream(generation(FIRST), later))).resolves.toMatchObject({ url: FIRST });
    const blocked = error({ error_code: "INSUFFICIENT_BALANCE" });
    await expect(harness.enhance(stream(generation(FIRST), blocked))).resolves.toMatchObject({ url: FIRST });
    // A failed agent makes no further picture, but an agent that timed out may.
    expect(await harness.enhance(stream(generation(FIRST), later))).not.toHaveProperty("unfinished");
    const slow = error({ error_code: "TIMEOUT" });
    await expect(harness.enhance(stream(generation(FIRST), slow))).resolves.toMatchObject({ unfinished: true });
    const refused = error({ error_code: "CONTENT_FILTER" });
    await expect(harness.enhance(stream(generation(FIRST), refused))).resolves.toMatchObject({
      kind: "refused",
      code: "content_policy",
      billed: "maybe",
    });
  });

  it("treats an error without a type as an error", async () => {
    const odd = event({ error: { message: "Rate limit reached", code: "RATE_LIMITED" } });
    await expect(harness.enhance(stream(odd))).resolves.toMatchObject({ kind: "throttled" });
  });

  it("rejects a page or a JSON answer with status 200 as a stream", async () => {
    await expect(harness.enhance(answer(200, "<h1>No face detected: rate limit</h1>"))).resolves.toMatchObject(lost);
    await expect(harness.enhance(answer(200, { error_code: "SESSION_BUSY" }))).resolves.toMatchObject({ kind: "busy" });
  });

  it("follows no redirects", async () => {
    const redirect = answer(302, "", { location: `${harness.server.url}/chat` });
    await expect(harness.enhance(redirect)).resolves.toMatchObject({ kind: "failed", billed: "no" });
    expect(harness.server.requests).toHaveLength(1);
  });

  it("shows neither key nor signed link in a message", async () => {
    const leaky = { detail: `key ${API_KEY} cannot read ${REQUEST.imageUrl}` };
    const result = await harness.enhance(answer(400, leaky));
    expect(JSON.stringify(result)).not.toMatch(/each-test-key|feedface|in\.jpg/);
    expect(result).toMatchObject({ kind: "refused", message: expect.stringContaining("[link to store.test]") });
  });
});

describe("connections", () => {
  it("are all closed after close", async () => {
    await harness.enhance(stream(generation(FIRST), complete, DONE));
    await vi.waitFor(async () => expect(await harness.server.connections()).toBe(1));
    await harness.provider.close();
    await vi.waitFor(async () => expect(await harness.server.connections()).toBe(0));
  });

  it("send nothing after close, and running calls fail", async () => {
    const asked = Promise.withResolvers<void>();
    const running = harness.enhance(async (call) => {
      asked.resolve();
      await stream(thinking, HANG)(call);
    });
    await asked.promise;
    await harness.provider.close();
    await expect(running).resolves.toMatchObject({ kind: "failed", sent: true, billed: "maybe" });
    await expect(harness.enhance(silent)).resolves.toMatchObject({ kind: "failed", sent: false, billed: "no" });
    expect(harness.server.requests).toHaveLength(1);
  });

  it("reports the account's limits", async () => {
    const seen: unknown[] = [];
    const other = await Harness.start({ onLimits: (limits) => seen.push(limits) });
    const reset = String(NOW_MS / 1_000 + 30);
    const headers = { "x-ratelimit-limit": "60", "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset };
    await expect(other.enhance(answer(429, {}, headers))).resolves.toMatchObject({
      kind: "throttled",
      retryAfterMs: 30_000,
    });
    await other.enhance(answer(500, {}));
    const told = [{ limit: 60, remaining: 0, resetMs: 30_000 }];
    expect(seen).toEqual(told);
    // The caller is also notified.
    expect(other.limits).toEqual(told);
    await other.close();
  });
});
