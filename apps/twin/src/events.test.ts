import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { FaultInput } from "./fault.ts";
import { TestClient } from "./test-client.ts";
import { drawPortrait, PhotoServer } from "./test-photos.ts";
import { startTwin, type Twin } from "./twin.ts";
import type { TwinOptions } from "./twin-options.ts";

/** Provider contract A.4. */
const NINETEEN = [
  "thinking_delta",
  "text_response",
  "message",
  "status",
  "progress",
  "tool_call",
  "generation_response",
  "clarification_needed",
  "web_search_query",
  "web_search_citations",
  "workflow_created",
  "workflow_fetched",
  "workflow_built",
  "workflow_updated",
  "execution_started",
  "execution_progress",
  "execution_completed",
  "complete",
  "error",
];

let photos: PhotoServer;
let photoUrl: string;
let twin: Twin;
let client: TestClient;

async function open(options: TwinOptions = {}): Promise<void> {
  twin = await startTwin({ latencyMs: 0, ...options });
  client = new TestClient(twin);
}

const turn = (session: string, more: Record<string, unknown> = {}) => ({
  message: "Polish this portrait.",
  session_id: session,
  image_urls: [photoUrl],
  ...more,
});

beforeAll(async () => {
  photos = await new PhotoServer().start();
  photoUrl = photos.put("/team/anna.jpg", await drawPortrait(160, 160).jpeg().toBuffer());
});
afterEach(async () => {
  await client.close();
  await twin.close();
});
afterAll(() => photos.close());

describe("the agent's events", () => {
  it.each(["chat", "chat-completions"] as const)("include all nineteen types, in dialect %s", async (dialect) => {
    await open();
    const seen = new Set<string>();
    const run = async (body: Record<string, unknown>, fault?: FaultInput) => {
      twin.faults.clear();
      if (fault !== undefined) twin.faults.add({ fault });
      const { message, ...rest } = body;
      const completions = { model: "eachsense/beta", messages: [{ role: "user", content: message }], ...rest };
      const path = dialect === "chat" ? "/chat" : "/v1/chat/completions";
      const answer = await client.open(dialect === "chat" ? body : completions, { path });
      for (const block of (await answer.body.text()).split("\n\n")) {
        if (!block.startsWith("data: {")) continue;
        const item = JSON.parse(block.slice(6)) as { type?: string; eachlabs?: { type: string } };
        seen.add((dialect === "chat" ? item.type : item.eachlabs?.type) ?? "none");
      }
    };
    await run(turn("a", { message: "Polish it like the reference." }));
    await run(turn("b"), "workflow");
    await run(turn("b", { image_urls: undefined }), "workflow");
    await run(turn("c"), "ask");
    await run(turn("d"), "no_face");
    await run(turn("e", { behavior: "plan" }));
    expect([...seen].sort()).toEqual(NINETEEN.toSorted());
  });

  it("show the picture of a workflow only at its end", async () => {
    await open({ faults: [{ fault: "workflow" }] });
    const { text, events, done } = await client.chat(turn("s"));
    const types = events.map(({ type }) => type);
    expect(types).not.toContain("generation_response");
    expect(types.filter((type) => type === "execution_progress").length).toBeGreaterThan(2);
    const url = /"output":"([^"]+)"/.exec(text)?.[1] ?? "";
    expect((await client.get(url)).status).toBe(200);
    expect((await client.memory("s")).generated_media_urls).toEqual([url]);
    expect({ done, billed: twin.ledger().billed }).toEqual({ done: true, billed: 1 });
  });

  it("show drafts before the final picture, and bill one", async () => {
    await open({ faults: [{ fault: { kind: "drafts", drafts: 2 } }] });
    const { events } = await client.chat(turn("s"));
    const shown = events.filter(({ type }) => type === "generation_response");
    expect(shown).toHaveLength(3);
    expect(shown[2]).toMatchObject({ total: 3, generations: shown.map(({ url }) => url) });
    expect(twin.ledger()).toMatchObject({ billed: 1, bills: [{ url: shown[2]?.url }] });
  });

  it("search the web only if the request allows it", async () => {
    await open();
    const wish = { message: "Polish it like the reference." };
    const { events } = await client.chat(turn("s", { ...wish, web_search: false }));
    expect(events.map(({ type }) => type).join(" ")).not.toContain("web_search");
  });

  it.each(["plan", "ask"])("contain text but no picture with behavior %s", async (behavior) => {
    await open();
    const { events } = await client.chat(turn("s", { behavior }));
    expect(events.slice(-2)).toMatchObject([{ type: "message" }, { type: "complete", status: "ok" }]);
    expect(twin.ledger().billed).toBe(0);
  });

  it("end with status error if a fault says so, and bill nothing", async () => {
    await open({ faults: [{ fault: { kind: "complete_error", message: "No model is free" } }] });
    const { events } = await client.chat(turn("s"));
    expect(events.at(-1)).toMatchObject({ type: "complete", status: "error", message: "No model is free" });
    expect(twin.ledger().billed).toBe(0);
  });
});

describe("a request", () => {
  it.each([
    ["a prompt that is too long", { message: "x".repeat(10_001) }, "message"],
    ["an unknown mode", { mode: "turbo" }, "mode"],
    ["an unknown behavior", { behavior: "dream" }, "behavior"],
    ["an empty list of pictures", { image_urls: [] }, "image_urls"],
    ["a session that is no word", { session_id: 7 }, "session_id"],
  ])("with %s is rejected with 422 and the field", async (_, more, field) => {
    await open();
    const answer = await client.open(turn("s", more));
    expect(answer.statusCode).toBe(422);
    expect(await answer.body.json()).toMatchObject({ detail: [{ loc: ["body", field] }] });
    expect(twin.ledger().billed).toBe(0);
  });

  it("with five pictures is rejected by the agent", async () => {
    await open();
    const { events } = await client.chat(turn("s", { image_urls: Array.from({ length: 5 }, () => photoUrl) }));
    expect(events.at(-1)).toMatchObject({ type: "error", message: expect.stringContaining("Too many images") });
  });
});

describe("an idle session", () => {
  it("becomes inactive after a quarter of an hour, and is restored by the next request", async () => {
    // A quarter of an hour of provider time is 90 ms.
    await open({ clock: 10_000, resultTtlMs: 1e9 });
    const first = await client.chat(turn("s"));
    await vi.waitFor(() => expect(twin.stats()).toMatchObject({ sessions: 1, inactiveSessions: 1 }));
    const second = await client.chat(turn("s", { image_urls: undefined, message: "Softer." }));
    const resumed = (seen: typeof first) => seen.events.some(({ message }) => message === "Resuming the session");
    expect([resumed(first), resumed(second)]).toEqual([false, true]);
    expect(second.events.at(-1)).toMatchObject({ type: "complete", status: "ok" });
    expect((await client.memory("s")).total_exchanges).toBe(2);
  });

  it("is deleted after thirty days", async () => {
    // Thirty days of provider time are 5.2 s.
    await open({ clock: 5e5 });
    await client.chat(turn("s"));
    expect((await client.memory("s")).total_exchanges).toBe(1);
    await vi.waitFor(() => expect(twin.stats().sessions).toBe(0), 20_000);
    expect((await client.memory("s")).total_exchanges).toBe(0);
  });
});
