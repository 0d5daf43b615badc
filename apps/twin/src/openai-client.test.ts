import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { drawPortrait, PhotoServer } from "./test-photos.ts";
import { startTwin, type Twin } from "./twin.ts";
import type { TwinOptions } from "./twin-options.ts";

let photos: PhotoServer;
let photoUrl: string;
let twin: Twin;
let client: OpenAI;

async function open(options: TwinOptions = {}): Promise<void> {
  twin = await startTwin({ latencyMs: 0, ...options });
  client = new OpenAI({ baseURL: `${twin.url}/v1`, apiKey: twin.apiKey, maxRetries: 0 });
}

/** A turn with the provider's own fields, in addition to those of the client's type. */
const turn = (session: string) => ({
  model: "eachsense/beta",
  messages: [{ role: "user" as const, content: "Polish this portrait." }],
  session_id: session,
  image_urls: [photoUrl],
});

/** Returns the event in the provider's extra key. */
function eventIn(answer: object): Record<string, unknown> {
  return (answer as { eachlabs: Record<string, unknown> }).eachlabs;
}

beforeAll(async () => {
  photos = await new PhotoServer().start();
  photoUrl = photos.put("/team/anna.jpg", await drawPortrait().jpeg().toBuffer());
});
afterEach(() => twin.close());
afterAll(() => photos.close());

describe("the public openai client", () => {
  it("streams a turn, with the provider's event in each chunk", async () => {
    await open();
    const stream = await client.chat.completions.create({ ...turn("s"), stream: true });
    const events: Record<string, unknown>[] = [];
    let words = "";
    let finished: string | null = null;
    for await (const chunk of stream) {
      expect(chunk.object).toBe("chat.completion.chunk");
      events.push(eventIn(chunk));
      words += chunk.choices[0]?.delta.content ?? "";
      finished = chunk.choices[0]?.finish_reason ?? finished;
    }
    expect(words).toBe("Here is the enhanced portrait.");
    expect(finished).toBe("stop");
    expect(events.map(({ type }) => type)).toContain("generation_response");
    expect(events.at(-1)).toMatchObject({
      type: "complete",
      status: "ok",
      generations: [expect.stringMatching(/cdn/)],
    });
    expect(twin.ledger().billed).toBe(1);
  });

  it("gets a whole answer without streaming", async () => {
    await open();
    const answer = await client.chat.completions.create({ ...turn("s"), stream: false });
    expect(answer).toMatchObject({ object: "chat.completion", model: "eachsense/beta" });
    expect(answer.choices[0]).toMatchObject({ finish_reason: "stop", message: { role: "assistant" } });
    expect(answer.choices[0]?.message.content).toBe("Here is the enhanced portrait.");
    expect(eventIn(answer)).toMatchObject({ type: "complete", generations: [expect.stringMatching(/cdn/)] });
  });

  it("pays once for the same idempotency key, even while the first call runs", async () => {
    await open({ latencyMs: 300 });
    const ask = () =>
      client.chat.completions.create({ ...turn("s"), stream: false }, { headers: { "X-Idempotency-Key": "order-17" } });
    const [one, two] = await Promise.all([ask(), ask()]);
    expect([two, await ask()]).toEqual([one, one]);
    expect(twin.ledger().billed).toBe(1);
    await client.chat.completions.create(
      { ...turn("s"), stream: false },
      { headers: { "X-Idempotency-Key": "other" } },
    );
    expect(twin.ledger().billed).toBe(2);
  });

  it("does not store the key of a turn that never began", async () => {
    await open({ faults: [{ match: { call: 1 }, fault: "http" }] });
    const ask = () =>
      client.chat.completions.create({ ...turn("s"), stream: false }, { headers: { "X-Idempotency-Key": "order-18" } });
    await expect(ask()).rejects.toMatchObject({ status: 503 });
    expect((await ask()).choices[0]?.finish_reason).toBe("stop");
  });

  it("sees a wrong key, a malformed request and a limit as its own errors", async () => {
    await open({ plan: { requestsPerMinute: 1 } });
    const stranger = new OpenAI({ baseURL: `${twin.url}/v1`, apiKey: "wrong", maxRetries: 0 });
    await expect(stranger.chat.completions.create(turn("s"))).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    const long = { ...turn("s"), messages: [{ role: "user" as const, content: "x".repeat(10_001) }] };
    await expect(client.chat.completions.create(long)).rejects.toBeInstanceOf(OpenAI.UnprocessableEntityError);
    await client.chat.completions.create({ ...turn("s"), stream: false });
    await expect(client.chat.completions.create(turn("s"))).rejects.toBeInstanceOf(OpenAI.RateLimitError);
  });
});
