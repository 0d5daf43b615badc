import sharp from "sharp";
import { request } from "undici";
import { afterEach, beforeAll, afterAll, describe, expect, it, vi } from "vitest";
import { TestClient } from "./test-client.ts";
import { drawPortrait, meanDifference, PhotoServer } from "./test-photos.ts";
import { startTwin, type Twin } from "./twin.ts";
import type { TwinOptions } from "./twin-options.ts";

const PROMPT = "Apply natural skin smoothing and better lighting. Intensity: moderate.";

let photos: PhotoServer;
let jpeg: Buffer;
const opened: (Twin | TestClient)[] = [];

async function open(options: TwinOptions = {}) {
  const twin = await startTwin({ latencyMs: 0, ...options });
  const client = new TestClient(twin);
  opened.push(client, twin);
  return { twin, client };
}

beforeAll(async () => {
  photos = await new PhotoServer().start();
  jpeg = await drawPortrait().jpeg().toBuffer();
});
afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.close();
});
afterAll(() => photos.close());

describe("a stream", () => {
  it("reports its work in order and ends with [DONE]", async () => {
    const { client } = await open();
    const seen = await client.chat({ message: PROMPT, mode: "eco", image_urls: [photos.put("/team/anna.jpg", jpeg)] });
    expect(seen.status).toBe(200);
    expect(seen.headers["content-type"]).toBe("text/event-stream");
    expect(seen.headers["x-request-id"]).toMatch(/^[\w-]{36}$/);
    const types = seen.events.map((event) => event.type);
    expect(types.filter((type, at) => type !== types[at - 1])).toEqual([
      "thinking_delta",
      "status",
      "tool_call",
      "progress",
      "generation_response",
      "text_response",
      "complete",
    ]);
    expect(seen.events.at(-1)?.status).toBe("ok");
    expect(seen.done).toBe(true);
    const percents = seen.events.flatMap((event) => event.percent ?? []);
    expect(percents).toEqual(percents.toSorted((a, b) => a - b));
  });

  it("skips its waits when the simulator hurries, as do later ones", async () => {
    const { twin, client } = await open({ latencyMs: 3_600_000 });
    const ask = () => client.chat({ message: PROMPT, mode: "eco", image_urls: [photos.put("/team/anna.jpg", jpeg)] });
    const first = ask();
    await vi.waitFor(() => expect(twin.stats().running).toBe(1));
    twin.hurry();
    for (const seen of [await first, await ask()]) expect(seen.events.at(-1)?.status).toBe("ok");
  });

  it("lasts as long as the clock says", async () => {
    const { client } = await open({ latencyMs: 60_000, clock: 200 });
    const startedAt = performance.now();
    await client.chat({ message: PROMPT, image_urls: [photos.put("/a.jpg", jpeg)] });
    const tookMs = performance.now() - startedAt;
    expect(tookMs).toBeGreaterThan(270);
    expect(tookMs).toBeLessThan(5_000);
  });

  it("wraps its events for the dialect chat-completions", async () => {
    const { twin, client } = await open();
    const body = {
      model: "eachsense/beta",
      messages: [{ role: "user", content: PROMPT }],
      image_urls: [photos.put("/a.jpg", jpeg)],
    };
    const answer = await client.open(body, { path: "/v1/chat/completions" });
    const chunks = (await answer.body.text()).split("\n\n").filter((line) => line.startsWith("data: {"));
    const last = JSON.parse(chunks.at(-1)?.slice(6) ?? "") as { object: string; eachlabs: { type: string } };
    expect(last).toMatchObject({ object: "chat.completion.chunk", eachlabs: { type: "complete" } });
    expect(twin.ledger().billed).toBe(1);
  });

  it("is one JSON body when streaming is off", async () => {
    const { client } = await open();
    const answer = await client.open({ message: PROMPT, stream: false, image_urls: [photos.put("/a.jpg", jpeg)] });
    expect(await answer.body.json()).toMatchObject({
      type: "complete",
      status: "ok",
      generations: [expect.any(String)],
    });
  });
});

describe("a result", () => {
  it("differs visibly from its source, keeps its size and loses its metadata", async () => {
    const { twin, client } = await open();
    const source = await drawPortrait()
      .jpeg()
      .withExif({ IFD3: { GPSLatitudeRef: "N", GPSLatitude: "51/1 30/1 0/1" } })
      .toBuffer();
    const seen = await client.chat({ message: PROMPT, image_urls: [photos.put("/team/anna%20b.jpg", source)] });
    const result = await client.get(seen.events.find((event) => event.type === "generation_response")?.url ?? "");
    expect(result.contentType).toBe("image/jpeg");
    const header = await sharp(result.bytes).metadata();
    expect(header).toMatchObject({ format: "jpeg", width: 240, height: 320 });
    expect(header.exif).toBeUndefined();
    expect(await meanDifference(source, result.bytes)).toBeGreaterThan(4);
    await vi.waitFor(() => expect(twin.ledger().bills[0]?.delivered).toBe(true));
    expect(twin.ledger().bills[0]?.portrait).toBe("team/anna b.jpg");
  });

  it("is upright if the source was rotated by its orientation", async () => {
    const { client } = await open();
    const upright = await drawPortrait().png().toBuffer();
    const rotated = await sharp(upright).rotate(270).withMetadata({ orientation: 6 }).jpeg({ quality: 95 }).toBuffer();
    const seen = await client.chat({ message: PROMPT, image_urls: [photos.put("/r.jpg", rotated)] });
    const result = await client.get(seen.events.find((event) => event.type === "generation_response")?.url ?? "");
    expect(await sharp(result.bytes).metadata()).toMatchObject({ width: 240, height: 320 });
    expect(await meanDifference(upright, result.bytes)).toBeLessThan(45);
  });

  it.each([
    ["a grey JPEG", () => drawPortrait().greyscale().jpeg().toBuffer(), "jpeg"],
    ["a PNG with alpha", () => drawPortrait().ensureAlpha(0.5).png().toBuffer(), "png"],
    ["a 16-bit PNG", () => drawPortrait().toColourspace("rgb16").png().toBuffer(), "png"],
    ["a CMYK JPEG", () => drawPortrait().toColourspace("cmyk").jpeg().toBuffer(), "jpeg"],
    ["a WebP", () => drawPortrait().webp().toBuffer(), "jpeg"],
  ])("is made from %s", async (_, draw, format) => {
    for (const work of ["full", "light"] as const) {
      const { client } = await open({ work });
      const source = await draw();
      const seen = await client.chat({ message: PROMPT, image_urls: [photos.put("/kind", source)] });
      const result = await client.get(seen.events.find((event) => event.type === "generation_response")?.url ?? "");
      expect(await sharp(result.bytes).metadata()).toMatchObject({ format, width: 240, height: 320 });
      expect(await meanDifference(source, result.bytes)).toBeGreaterThan(4);
    }
  });

  it("changes more with a higher intensity", async () => {
    const { client } = await open();
    const url = photos.put("/i.jpg", jpeg);
    const differences: number[] = [];
    for (const intensity of ["subtle", "moderate", "dramatic"]) {
      const seen = await client.chat({ message: `Soften the background, ${intensity}`, image_urls: [url] });
      const result = await client.get(seen.events.find((event) => event.type === "generation_response")?.url ?? "");
      differences.push(await meanDifference(jpeg, result.bytes));
    }
    expect(differences).toEqual(differences.toSorted((a, b) => a - b));
  });

  it("has its own URL in light mode, and equal bytes are stored once", async () => {
    const { twin, client } = await open({ work: "light" });
    const url = photos.put("/light.jpg", jpeg);
    const seen = await Promise.all(
      ["s1", "s2", "s3"].map((id) => client.chat({ message: PROMPT, session_id: id, image_urls: [url] })),
    );
    const urls = seen.flatMap(({ events }) => events.find((event) => event.type === "generation_response")?.url ?? []);
    expect(new Set(urls).size).toBe(3);
    const result = await client.get(urls[0] ?? "");
    expect(twin.stats().resultBytes).toBe(result.bytes.length);
    expect(await meanDifference(jpeg, result.bytes)).toBeGreaterThan(4);
  });

  it("expires", async () => {
    const { client } = await open({ resultTtlMs: 1 });
    const seen = await client.chat({ message: PROMPT, image_urls: [photos.put("/e.jpg", jpeg)] });
    const url = seen.events.find((event) => event.type === "generation_response")?.url ?? "";
    await vi.waitFor(async () => expect((await client.get(url)).status).toBe(404));
  });
});

describe("a session", () => {
  it("answers one request at a time", async () => {
    const { twin, client } = await open({ latencyMs: 600_000 });
    const body = { message: PROMPT, session_id: "one", image_urls: [photos.put("/b.jpg", jpeg)] };
    const first = client.chat(body);
    await vi.waitFor(() => expect(twin.stats().running).toBe(1));
    const second = await client.chat(body);
    expect(second.events).toMatchObject([{ type: "error", error_code: "SESSION_BUSY" }]);
    expect(twin.ledger().billed).toBe(0);
    const calls = twin.ledger().calls["b.jpg"] ?? [];
    expect(calls.map((call) => call.ending)).toEqual(["running", "error:SESSION_BUSY"]);
    await client.close();
    await first;
  });

  it("finishes, bills and remembers a request although the client has disconnected", async () => {
    const { twin, client } = await open({ latencyMs: 60_000, clock: 300 });
    const body = { message: PROMPT, session_id: "left", image_urls: [photos.put("/left.jpg", jpeg)] };
    const seen = await client.chat(body, (text) => text.includes("status"));
    expect(seen.text).not.toContain("generation_response");
    expect((await client.memory("left")).total_exchanges).toBe(0);
    await vi.waitFor(async () => expect((await client.memory("left")).total_exchanges).toBe(1), 10_000);
    const memory = await client.memory("left");
    expect(memory.conversation_history[0]?.user_prompt).toBe(PROMPT);
    expect((await client.get(memory.generated_media_urls[0] ?? "")).status).toBe(200);
    expect(twin.ledger().bills).toHaveLength(1);
    expect(twin.ledger().calls["left.jpg"]?.[0]?.ending).toBe("client_left");
  });

  it("uses its last output when a turn names no picture", async () => {
    const { twin, client } = await open();
    const first = await client.chat({ message: PROMPT, session_id: "turns", image_urls: [photos.put("/t.jpg", jpeg)] });
    const second = await client.chat({ message: "Now blur the background, dramatic", session_id: "turns" });
    const [one, two] = await Promise.all(
      [first, second].map((seen) =>
        client.get(seen.events.find((event) => event.type === "generation_response")?.url ?? ""),
      ),
    );
    expect(await meanDifference(one?.bytes ?? jpeg, two?.bytes ?? jpeg)).toBeGreaterThan(1);
    expect(twin.ledger().bills.map(({ portrait, turn }) => ({ portrait, turn }))).toEqual([
      { portrait: "t.jpg", turn: 1 },
      { portrait: "t.jpg", turn: 2 },
    ]);
    expect((await client.memory("turns")).generated_media_urls).toHaveLength(2);
  });

  it("is the same portrait when a new one starts from its output", async () => {
    const { twin, client } = await open();
    const first = await client.chat({ message: PROMPT, session_id: "p", image_urls: [photos.put("/p.jpg", jpeg)] });
    const url = first.events.find((event) => event.type === "generation_response")?.url ?? "";
    await client.chat({ message: "Whiten the teeth", session_id: "p-g1", image_urls: [url] });
    expect(twin.ledger().bills.map((bill) => bill.portrait)).toEqual(["p.jpg", "p.jpg"]);
    expect(twin.ledger().doubleBilled).toEqual([]);
  });

  it("is forgotten when its memory is deleted, including running work", async () => {
    const { twin, client } = await open({ latencyMs: 60_000, clock: 300 });
    const body = { message: PROMPT, session_id: "gone", image_urls: [photos.put("/gone.jpg", jpeg)] };
    await client.chat(body, (text) => text.includes("status"));
    await client.forget("gone");
    await vi.waitFor(() => expect(twin.stats().running).toBe(0), 10_000);
    expect(twin.ledger().billed).toBe(1);
    expect((await client.memory("gone")).total_exchanges).toBe(0);
  });

  it("holds up to 50 messages", async () => {
    const { client, twin } = await open();
    twin.faults.add({ fault: "no_face" });
    const body = { message: PROMPT, session_id: "long", image_urls: [photos.put("/long.jpg", jpeg)] };
    for (let turn = 0; turn < 25; turn += 1) await client.chat(body);
    const seen = await client.chat(body);
    expect(seen.events[0]?.error_code).toBe("MEMORY_LIMIT_REACHED");
  });

  it("asks for a picture when there is none", async () => {
    const { client, twin } = await open();
    const seen = await client.chat({ message: PROMPT });
    expect(seen.events.slice(-2)).toMatchObject([{ type: "clarification_needed" }, { status: "awaiting_input" }]);
    expect(twin.ledger().billed).toBe(0);
  });
});

describe("the account", () => {
  it("answers 401 to a wrong key", async () => {
    const { twin, client } = await open();
    expect((await client.open({ message: PROMPT }, { key: "wrong" })).statusCode).toBe(401);
    const bearer = await request(`${twin.url}/memory?session_id=x`, {
      headers: { authorization: `Bearer ${twin.apiKey}` },
    });
    expect(bearer.statusCode).toBe(200);
    await bearer.body.dump();
  });

  it.each([
    ["no message", {}, ["body", "message"]],
    ["a prompt that is too long", { message: "x".repeat(10_001) }, ["body", "message"]],
    ["a mode that does not exist", { message: PROMPT, mode: "best" }, ["body", "mode"]],
  ])("answers 422 with details to %s", async (_, body, loc) => {
    const { client } = await open();
    const answer = await client.open(body);
    expect(answer.statusCode).toBe(422);
    expect(await answer.body.json()).toMatchObject({ detail: [{ loc }] });
  });

  it("rejects requests when the plan's rate is used up", async () => {
    const { client } = await open({ plan: { requestsPerMinute: 1 } });
    const body = { message: PROMPT, image_urls: [photos.put("/rate.jpg", jpeg)] };
    const first = await client.chat(body);
    expect(first.headers).toMatchObject({ "x-ratelimit-limit": "1", "x-ratelimit-remaining": "0" });
    const second = await client.open(body);
    expect(second.statusCode).toBe(429);
    expect(Number(second.headers["retry-after"])).toBeGreaterThan(0);
    expect(Number(second.headers["x-ratelimit-reset"])).toBeGreaterThan(Date.now() / 1_000 - 1);
    await second.body.dump();
  });

  it("counts abandoned work among the concurrent requests", async () => {
    const { twin, client } = await open({ latencyMs: 600_000, plan: { concurrent: 1 } });
    const url = photos.put("/conc.jpg", jpeg);
    await client.chat({ message: PROMPT, session_id: "x", image_urls: [url] }, (text) => text.includes("thinking"));
    const second = await client.open({ message: PROMPT, session_id: "y", image_urls: [url] });
    expect(second.statusCode).toBe(429);
    await second.body.dump();
    expect(twin.stats()).toMatchObject({ running: 1, maxRunning: 1 });
  });

  it("rejects work when no turns are left, and continues after a top-up", async () => {
    const { twin, client } = await open({ balance: 1 });
    const body = { message: PROMPT, image_urls: [photos.put("/money.jpg", jpeg)] };
    expect((await client.chat(body)).done).toBe(true);
    expect((await client.chat(body)).events.at(-1)).toMatchObject({
      message: "Failed to create prediction: HTTP 422",
      error_code: "INSUFFICIENT_BALANCE",
    });
    twin.setBalance(1);
    expect((await client.chat(body)).done).toBe(true);
    expect(twin.stats().turnsLeft).toBe(0);
  });

  it("finds calls that were billed twice", async () => {
    const { twin, client } = await open();
    const url = photos.put("/twice.jpg", jpeg);
    await client.chat({ message: PROMPT, session_id: "b-1", image_urls: [url] });
    expect(twin.ledger().doubleBilled).toEqual([]);
    await client.chat({ message: PROMPT, session_id: "b-1-g1", image_urls: [url] });
    expect(twin.ledger().doubleBilled).toMatchObject([
      { by: "session", key: "b-1", times: 2 },
      { by: "portrait", key: "twice.jpg", times: 2 },
    ]);
  });
});

describe("a source", () => {
  it.each([
    ["is not there", () => photos.put("/x.jpg", jpeg).replace("x.jpg", "missing.jpg"), /^Invalid image URL: .*404/],
    ["cannot be reached", () => "http://127.0.0.1:1/x.jpg", /^Invalid image URL/],
    ["is no URL", () => "team/anna.jpg", /^Invalid image URL/],
    ["is no picture", () => photos.put("/text.jpg", Buffer.from("hello")), /^Invalid image: the file/],
    ["is too large", () => photos.put("/big.jpg", Buffer.alloc(300_000)), /^Invalid image: larger/],
  ])("is rejected when it %s", async (_, url, message) => {
    const { client, twin } = await open({ maxImageBytes: 200_000 });
    const seen = await client.chat({ message: PROMPT, session_id: "bad", image_urls: [url()] });
    expect(seen.events.at(-1)).toMatchObject({ type: "error", message: expect.stringMatching(message) });
    expect(seen.text).not.toContain("signature");
    expect(twin.ledger().billed).toBe(0);
    expect((await client.memory("bad")).conversation_history).toMatchObject([{ generated_media_urls: [] }]);
  });

  it("is rejected when it is too small", async () => {
    const { client } = await open();
    const small = await drawPortrait(40, 40).jpeg().toBuffer();
    const seen = await client.chat({ message: PROMPT, image_urls: [photos.put("/small.jpg", small)] });
    expect(seen.events.at(-1)?.message).toMatch(/^Invalid image: Dimensions 40x40/);
  });

  it("is rejected on a private address if those are not allowed", async () => {
    const { client } = await open({ allowPrivateSources: false });
    const seen = await client.chat({ message: PROMPT, image_urls: [photos.put("/x.jpg", jpeg)] });
    expect(seen.events.at(-1)?.message).toBe("Invalid image URL: the address is private");
  });
});

describe("the control paths", () => {
  it("let another process script faults and read the books", async () => {
    const { twin, client } = await open();
    const post = (path: string, body: unknown) =>
      request(`${twin.url}/_twin/${path}`, { method: "POST", body: JSON.stringify(body) });
    const rules = [{ match: { portrait: "c.jpg", call: 1 }, fault: { kind: "http", status: 429, retryAfterS: 7 } }];
    expect((await post("faults", { rules })).statusCode).toBe(200);
    expect((await post("faults", { rules: [{ fault: "no_such_fault" }] })).statusCode).toBe(422);
    const body = { message: PROMPT, image_urls: [photos.put("/c.jpg", jpeg)] };
    expect(await client.open(body)).toMatchObject({ statusCode: 429, headers: { "retry-after": "7" } });
    expect((await client.chat(body)).done).toBe(true);
    const ledger = await (await request(`${twin.url}/_twin/ledger`)).body.json();
    expect(ledger).toMatchObject({
      billed: 1,
      calls: {
        "c.jpg": [
          { call: 1, fault: "http", ending: "http_429" },
          { call: 2, ending: "complete" },
        ],
      },
    });
    twin.faults.add({ fault: { kind: "http", status: 503 } });
    await request(`${twin.url}/_twin/faults`, { method: "DELETE" });
    expect((await client.chat(body)).status).toBe(200);
    expect(await (await request(`${twin.url}/_twin/stats`)).body.json()).toMatchObject({ openStreams: 0, calls: 3 });
  });
});
