import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CallLimits, EnhanceAnswer, EnhanceRequest, Provider } from "../../src/provider.ts";
import { OPTIONAL_SCENES, REQUIRED_SCENES, RETRY_AFTER_S, type Scene } from "./scenes.ts";
import type { Stage, StageDescription } from "./stage.ts";

/** The expected answer of each scene. Scenes with separate tests are not listed. */
const EXPECTED: Readonly<Partial<Record<Scene, object>>> = {
  cut: { kind: "failed", code: "provider_error", sent: true, billed: "maybe" },
  unauthorized: { kind: "blocked", reason: "auth" },
  no_balance: { kind: "blocked", reason: "balance" },
  malformed: { kind: "refused", code: "invalid_request", billed: "no" },
  refused_content: { kind: "refused", code: "content_policy", billed: "no" },
  unavailable: { kind: "failed", code: "provider_error" },
  no_picture: { kind: "failed", code: "no_output" },
  busy: { kind: "busy" },
  session_lost: { kind: "session_lost" },
  page: { kind: "failed", code: "provider_error" },
};

/** Limits that no test reaches. */
const LIMITS = { deadlineMs: 30_000, idleMs: 30_000 };
/** Long enough for a local server to receive a request, short enough for a test. */
const SHORT_MS = 600;

interface Told {
  readonly answer: EnhanceAnswer;
  /** URLs in the order in which `onOutput` received them. */
  readonly outputs: readonly string[];
}

async function enhance(
  provider: Provider,
  request: EnhanceRequest,
  limits: Partial<CallLimits> = {},
  onOutput: (url: string) => Promise<void> = () => Promise.resolve(),
): Promise<Told> {
  const outputs: string[] = [];
  const answer = await provider.enhance(
    request,
    {
      onOutput: async (url) => {
        outputs.push(url);
        await onOutput(url);
      },
      onProgress: () => undefined,
    },
    { ...LIMITS, signal: new AbortController().signal, ...limits },
  );
  return { answer, outputs };
}

/**
 * Tests the guarantees of every provider's adapter to the worker. A conforming adapter loses no paid picture, never
 * pays twice for a picture by itself, and reports for each failure whether it may have cost money.
 *
 * @param name for the tests' titles
 */
export function describeConformance(name: string, description: StageDescription): void {
  const plays = new Set<Scene>([...REQUIRED_SCENES, ...description.plays]);

  describe(`the provider port, by ${name}`, () => {
    let stage: Stage;
    beforeEach(async () => {
      stage = await description.open();
    });
    afterEach(async () => {
      await stage.close();
    });

    const act = async (
      scene: Scene,
      ...rest: [Partial<CallLimits>?, ((url: string) => Promise<void>)?]
    ): Promise<Told> => {
      await stage.play(scene);
      return await enhance(stage.provider, await stage.request(), ...rest);
    };

    it("states its name and accepted input, and plays only existing scenes", () => {
      const { accepts } = stage.provider;
      expect(stage.provider.name).not.toBe("");
      expect(accepts.contentTypes.every((type) => type.startsWith("image/"))).toBe(true);
      expect(accepts.by.length).toBeGreaterThan(0);
      expect(accepts.maxBytes).toBeGreaterThan(0);
      expect(accepts.minSidePx).toBeLessThan(accepts.maxSidePx);
      expect(description.plays.every((scene) => (OPTIONAL_SCENES as readonly Scene[]).includes(scene))).toBe(true);
    });

    it("returns the picture, after reporting its link", async () => {
      const { answer, outputs } = await act("picture");
      if (answer.kind === "pictures") expect(answer.pictures[0]?.length).toBeGreaterThan(0);
      else {
        expect(answer).toMatchObject({ kind: "output", url: expect.stringMatching(/^https?:\/\//) as string });
        expect(outputs.at(-1)).toBe((answer as { readonly url: string }).url);
      }
      expect(await stage.calls()).toBe(1);
    });

    it("answers only after the receipt is written", async () => {
      const written = Promise.withResolvers<void>();
      const seen = Promise.withResolvers<void>();
      let ended = false;
      const call = act("picture", {}, async () => {
        seen.resolve();
        await written.promise;
      }).finally(() => (ended = true));
      // Pictures within the answer have no link, so `onOutput` is not called.
      const first = await Promise.race([seen.promise.then(() => "told"), call.then(({ answer }) => answer.kind)]);
      if (first === "told") {
        await new Promise((resolve) => setImmediate(resolve));
        expect(ended).toBe(false);
      } else expect(first).toBe("pictures");
      written.resolve();
      await call;
    });

    it("rejects with the error of writing the receipt", async () => {
      const { kind } = await act("picture").then(({ answer }) => answer);
      const fault = new Error("the receipt could not be written");
      const call = act("picture", {}, () => Promise.reject(fault));
      if (kind === "output") await expect(call).rejects.toBe(fault);
      else await expect(call).resolves.toMatchObject({ answer: { kind: "pictures" } });
    });

    const scenes = Object.entries(EXPECTED).filter(([scene]) => plays.has(scene as Scene)) as [Scene, object][];
    it.each(scenes)("maps the scene %s, requests once, and shows no key", async (scene, expected) => {
      const { answer } = await act(scene);
      expect(answer).toMatchObject(expected);
      expect(await stage.calls()).toBe(1);
      const { message } = answer as { readonly message: string };
      expect(message.length).toBeGreaterThan(5);
      expect(message).not.toContain(stage.apiKey);
      expect(message).not.toMatch(/https?:\/\//);
    });

    it("waits as long as the provider says", async () => {
      const { answer } = await act("too_many");
      expect(answer).toMatchObject({ kind: "throttled" });
      expect((answer as { readonly retryAfterMs: number }).retryAfterMs).toBeGreaterThanOrEqual(RETRY_AFTER_S * 1_000);
      expect(await stage.calls()).toBe(1);
    });

    it("reports that nothing was sent when no server listens", async () => {
      const provider = await description.unreachable();
      const { answer } = await enhance(provider, await stage.request());
      expect(answer).toMatchObject({ kind: "failed", code: "provider_error", sent: false, billed: "no" });
      await provider.close();
    });

    it.each(["idleMs", "deadlineMs"] as const)("ends a silent call by its %s", async (limit) => {
      const { answer } = await act("silence", { [limit]: SHORT_MS });
      expect(answer).toMatchObject({ kind: "failed", code: "timeout", sent: true, billed: "maybe" });
      expect(await stage.calls()).toBe(1);
    });

    it("ends when it is aborted, and reports that the request had been sent", async () => {
      const stop = new AbortController();
      const call = act("silence", { signal: stop.signal });
      await vi.waitFor(async () => expect(await stage.calls()).toBe(1), { timeout: 5_000 });
      stop.abort(new Error("stopped"));
      await expect(call).resolves.toMatchObject({ answer: { kind: "aborted", sent: true } });
    });

    it("sends nothing when it is aborted before it began", async () => {
      const { answer } = await act("picture", { signal: AbortSignal.abort(new Error("stopped")) });
      expect(answer).toMatchObject({ kind: "aborted", sent: false });
      expect(await stage.calls()).toBe(0);
    });

    const kept = (["picture", "picture_then_cut", "picture_then_silence", "strange_but_good"] as const).filter(
      (scene) => plays.has(scene),
    );
    it.each(kept)("keeps the paid picture in the scene %s", async (scene) => {
      const { answer, outputs } = await act(scene, { idleMs: SHORT_MS * 4 });
      expect(["output", "pictures"]).toContain(answer.kind);
      if (answer.kind !== "output") return;
      expect(outputs).toContain(answer.url);
      // Must be reported only by a provider with a memory, which may make a newer picture after the stream broke.
      const isCutOff = stage.provider.remembers && scene.startsWith("picture_then");
      expect(answer.unfinished ?? false).toBe(isCutOff);
    });

    const played = (scene: Scene): Scene[] => [scene].filter((one) => plays.has(one));

    it.each(played("variations"))("returns all requested pictures, the main one first (%s)", async (scene) => {
      await stage.play(scene);
      const { answer } = await enhance(stage.provider, { ...(await stage.request()), variations: 2 });
      expect(["output", "pictures"]).toContain(answer.kind);
      const all: readonly (string | Uint8Array)[] =
        answer.kind === "output"
          ? [answer.url, ...(answer.variations ?? [])]
          : answer.kind === "pictures"
            ? answer.pictures
            : [];
      expect(new Set<unknown>(all).size).toBe(2);
    });

    it.each(played("question"))("passes on the agent's question (%s)", async (scene) => {
      const { answer } = await act(scene);
      expect(answer).toMatchObject({ kind: "clarification", question: expect.stringMatching(/\w/) as string });
    });

    it("finds a lost answer again, or reports that it cannot know", async () => {
      const { provider } = stage;
      const signal = new AbortController().signal;
      const scene = provider.remembers ? "lost_and_remembered" : "cut";
      expect(plays, "a provider that remembers plays lost_and_remembered").toContain(scene);
      await stage.play(scene);
      const request = await stage.request();
      const { answer } = await enhance(provider, request);
      expect(answer).toMatchObject({ kind: "failed", sent: true, billed: "maybe" });
      const recall = () =>
        provider.recall({ sessionId: request.sessionId, prompt: request.prompt, exchangesBefore: 0 }, signal);
      if (!provider.remembers) {
        await expect(recall()).resolves.toEqual({ kind: "unknown" });
        return;
      }
      await vi.waitFor(async () => expect(await recall()).toMatchObject({ kind: "found" }), { timeout: 10_000 });
      expect(await stage.calls()).toBe(1);
      await expect(provider.forget(request.sessionId, signal)).resolves.toBe(true);
    });

    it("answers a health check", async () => {
      await expect(stage.provider.health(AbortSignal.timeout(10_000))).resolves.toMatchObject({ ok: true });
      expect(await stage.calls()).toBe(0);
      const provider = await description.unreachable();
      await expect(provider.health(AbortSignal.timeout(10_000))).resolves.toMatchObject({
        ok: false,
        unreached: true,
        message: expect.stringContaining("ECONNREFUSED") as string,
      });
      await provider.close();
    });
  });
}
