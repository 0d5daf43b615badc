import { readFile } from "node:fs/promises";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { FAULTS, type FaultInput, type FaultKind } from "./fault.ts";
import { FaultBook, RANDOM_FAULT_KINDS } from "./fault-book.ts";
import { TestClient, type SeenStream } from "./test-client.ts";
import { drawPortrait, PhotoServer } from "./test-photos.ts";
import { startTwin, type Twin } from "./twin.ts";
import type { TwinOptions } from "./twin-options.ts";

const BODY = { message: "Apply natural skin smoothing.", session_id: "s" };
/** Longer than the client waits, so the client disconnects. */
const ENOUGH_MS = 400;

let photos: PhotoServer;
let jpeg: Buffer;
let photoUrl: string;
const opened: (Twin | TestClient)[] = [];

async function open(fault: FaultInput, options: TwinOptions = {}) {
  const twin = await startTwin({ latencyMs: 0, faults: [{ match: { call: 1 }, fault }], ...options });
  const client = new TestClient(twin);
  opened.push(client, twin);
  return { twin, client, body: { ...BODY, image_urls: [photoUrl] } };
}

/** Returns the books once no work is in progress. */
async function settled(twin: Twin, client: TestClient) {
  await vi.waitFor(() => expect(twin.stats().running).toBe(0), { timeout: 10_000 });
  const { total_exchanges: exchanges, generated_media_urls: urls } = await client.memory("s");
  const recorded = exchanges === 0 ? "no" : urls.length === 0 ? "without picture" : "with picture";
  return { billed: twin.ledger().billed === 1, recorded };
}

function urlOf(seen: SeenStream): string {
  return seen.events.find((event) => event.type === "generation_response")?.url ?? "";
}

beforeAll(async () => {
  photos = await new PhotoServer().start();
  jpeg = await drawPortrait(160, 160).jpeg().toBuffer();
  photoUrl = photos.put("/team/ben.jpg", jpeg);
});
afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.close();
});
afterAll(() => photos.close());

describe("every kind of fault", () => {
  it.each(Object.keys(FAULTS) as FaultKind[])("%s is billed and remembered as the table says", async (kind) => {
    const { twin, client, body } = await open(kind);
    const leave = AbortSignal.timeout(ENOUGH_MS);
    const read = client.open(body, { signal: leave }).then((answer) => answer.body.text());
    await Promise.allSettled([read]);
    const { billed, recorded } = FAULTS[kind];
    expect(await settled(twin, client)).toEqual({ billed, recorded });
    expect(twin.ledger().calls["team/ben.jpg"]).toMatchObject([{ call: 1, fault: kind }]);
    expect(twin.ledger().calls["team/ben.jpg"]?.[0]?.ending).not.toBe("running");
  });

  it("is documented with the same bill and memory", async () => {
    const page = await readFile(new URL("../../../docs/twin.md", import.meta.url), "utf8");
    const rows = [...page.matchAll(/^\| `(\w+)` \| (.+?) \| (yes|no) \| (.+?) \| .+ \| (?:yes|no) \|$/gm)].map(
      ([, kind, , billed, recorded]) => [kind, { billed: billed === "yes", recorded }],
    );
    const table = Object.entries(FAULTS).map(([kind, { billed, recorded }]) => [kind, { billed, recorded }]);
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(table));
  });
});

describe("a fault before the stream", () => {
  it.each([400, 401, 402, 403, 408, 422, 429, 500, 502, 503])(
    "answers HTTP %i, and succeeds the next time",
    async (status) => {
      const { client, body } = await open({ kind: "http", status, retryAfterS: 3 });
      const answer = await client.open(body);
      expect(answer).toMatchObject({ statusCode: status, headers: { "retry-after": "3" } });
      expect(await answer.body.json()).toHaveProperty("detail");
      expect((await client.chat(body)).done).toBe(true);
    },
  );

  it("answers with a custom body", async () => {
    const { client, body } = await open({ kind: "http", status: 429, body: { retry_after: 12 } });
    expect(await (await client.open(body)).body.json()).toEqual({ retry_after: 12 });
  });

  it.each(["reset", "reset_after_accept"] as const)("%s breaks the connection without headers", async (kind) => {
    const { client, body } = await open(kind);
    await expect(client.open(body)).rejects.toMatchObject({ code: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/) });
  });

  it("no_headers keeps the client waiting while the work continues", async () => {
    const { twin, client, body } = await open("no_headers");
    const leave = new AbortController();
    let answered = false;
    const waiting = client.open(body, { signal: leave.signal }).then(() => (answered = true));
    await vi.waitFor(() => expect(twin.ledger().billed).toBe(1));
    await vi.waitFor(() => expect(twin.stats().running).toBe(0));
    expect(answered).toBe(false);
    expect(twin.stats().openStreams).toBe(1);
    leave.abort();
    await expect(waiting).rejects.toThrow(/abort/i);
    await vi.waitFor(() => expect(twin.stats().openStreams).toBe(0));
  });
});

describe("a fault of the stream", () => {
  it.each([0, 1, 3, 6])("cuts after %i events", async (events) => {
    const { client, body } = await open({ kind: "cut_after_events", events });
    const seen = await client.chat(body);
    expect(seen.events).toHaveLength(events);
    expect(seen).toMatchObject({ status: 200, broken: true, done: false });
  });

  it("cuts between the URL and complete", async () => {
    const { client, body } = await open("cut_after_generation");
    const seen = await client.chat(body);
    expect(seen.events.at(-1)?.type).toBe("generation_response");
    expect(seen).toMatchObject({ broken: true, done: false });
    expect((await client.get(urlOf(seen))).status).toBe(200);
  });

  it("cuts in the middle of the event with the URL", async () => {
    const { client, body } = await open("cut_mid_event");
    const seen = await client.chat(body);
    expect(seen.broken).toBe(true);
    expect(seen.events.at(-1)?.type).toBe("progress");
    expect(seen.text.split("\n\n").at(-1)).toMatch(/^data: \{"type":"generation_response".*[^}]$/);
  });

  it("falls silent and keeps the connection open after the work is done", async () => {
    const { twin, client, body } = await open({ kind: "silence", afterEvents: 2 });
    const leave = new AbortController();
    const answer = await client.open(body, { signal: leave.signal });
    let text = "";
    let ended = false;
    const reading = (async () => {
      for await (const packet of answer.body as AsyncIterable<Buffer>) text += packet.toString("utf8");
      ended = true;
    })();
    await vi.waitFor(async () => expect((await client.memory("s")).total_exchanges).toBe(1));
    expect(text.match(/data: /g)).toHaveLength(2);
    expect(ended).toBe(false);
    expect(twin.stats()).toMatchObject({ running: 0, openStreams: 1 });
    leave.abort();
    await expect(reading).rejects.toThrow(/abort/i);
  });

  it("trickles forever and never sends the URL", async () => {
    const { client, body } = await open({ kind: "trickle", afterEvents: 1, everyMs: 5 });
    const seen = await client.chat(body, (text) => text.split("Still thinking").length > 20);
    expect(seen.events.every((event) => event.type === "thinking_delta")).toBe(true);
    expect((await client.memory("s")).generated_media_urls).toHaveLength(1);
  });

  it("splits characters over packets", async () => {
    const { client, body } = await open("split_utf8");
    const seen = await client.chat(body);
    expect(seen.packets.map((packet) => packet.toString("utf8")).join("")).toContain("\ufffd");
    expect(seen.text).not.toContain("\ufffd");
    expect(seen).toMatchObject({ done: true, broken: false });
  });

  it("ends lines with CRLF", async () => {
    const { client, body } = await open("crlf");
    const seen = await client.chat(body);
    expect(seen.text.replaceAll("\r\n", "")).not.toContain("\n");
    expect(seen).toMatchObject({ done: true, broken: false });
    expect(seen.events.at(-1)?.type).toBe("complete");
  });
});

describe("a fault that the agent reports", () => {
  it.each([
    ["content_policy", { message: expect.stringContaining("Content policy"), error_code: "CONTENT_FILTER" }],
    ["no_face", { message: expect.stringContaining("No face detected") }],
    ["balance", { message: "Failed to create prediction: HTTP 422", error_code: "INSUFFICIENT_BALANCE" }],
    ["session_busy", { error_code: "SESSION_BUSY" }],
    ["session_forgotten", { error_code: "SESSION_NOT_FOUND" }],
    [
      { kind: "error_event", message: "no", details: { error_code: "CONTENT_FILTER" }, retry_after: 4 },
      { message: "no", details: { error_code: "CONTENT_FILTER" }, retry_after: 4 },
    ],
  ] as const)("%o is an error event at the end", async (fault, event) => {
    const { client, body } = await open(fault);
    const seen = await client.chat(body);
    expect(seen.events.at(-1)).toMatchObject({ type: "error", ...event });
    expect(seen).toMatchObject({ status: 200, broken: false, done: false });
  });

  it("asks, and continues with the first prompt once it is answered", async () => {
    const { twin, client, body } = await open({ kind: "ask", question: "Which?", options: ["A"] });
    const seen = await client.chat(body);
    expect(seen.events.slice(-2)).toMatchObject([
      { type: "clarification_needed", question: "Which?" },
      { type: "complete", status: "awaiting_input" },
    ]);
    expect((await client.chat({ message: "Whatever you like.", session_id: "s" })).done).toBe(true);
    twin.faults.clear();
    await client.chat({ ...body, session_id: "s-g1" });
    expect(twin.ledger().doubleBilled.map(({ by }) => by)).toEqual(["session", "portrait"]);
  });

  it("completes without output", async () => {
    const { client, body } = await open("no_output");
    const seen = await client.chat(body);
    expect(seen.events.at(-1)).toMatchObject({ type: "complete", status: "ok" });
    expect(urlOf(seen)).toBe("");
    expect(seen.done).toBe(true);
  });

  it("forgets a session", async () => {
    const { twin, client, body } = await open("no_face");
    twin.faults.add({ match: { call: 2 }, fault: "session_forgotten" });
    await client.chat(body);
    expect((await client.memory("s")).total_exchanges).toBe(1);
    await client.chat(body);
    expect((await client.memory("s")).total_exchanges).toBe(0);
  });
});

describe("a fault of the result", () => {
  it("returns a URL that does not exist", async () => {
    const { client, body } = await open({ kind: "bad_output", output: "missing" });
    expect((await client.get(urlOf(await client.chat(body)))).status).toBe(404);
  });

  it("returns bytes that cannot be decoded", async () => {
    const { client, body } = await open({ kind: "bad_output", output: "corrupt" });
    const { status, bytes } = await client.get(urlOf(await client.chat(body)));
    expect(status).toBe(200);
    await expect(sharp(bytes).raw().toBuffer()).rejects.toThrow(/Input buffer|VipsJpeg|corrupt/i);
  });

  it("returns the source", async () => {
    const { client, body } = await open({ kind: "bad_output", output: "unchanged" });
    expect((await client.get(urlOf(await client.chat(body)))).bytes.equals(jpeg)).toBe(true);
  });

  it("returns a video", async () => {
    const { client, body } = await open({ kind: "bad_output", output: "video" });
    const seen = await client.chat(body);
    expect(urlOf(seen)).toMatch(/\.mp4$/);
    expect((await client.get(urlOf(seen))).contentType).toBe("video/mp4");
  });

  it("downloads slowly, but completely", async () => {
    const { twin, client, body } = await open({ kind: "slow_download", downloadMs: 60_000 }, { clock: 200 });
    const url = urlOf(await client.chat(body));
    const startedAt = performance.now();
    const { bytes } = await client.get(url);
    expect(performance.now() - startedAt).toBeGreaterThan(250);
    expect((await sharp(bytes).metadata()).width).toBe(160);
    await vi.waitFor(() => expect(twin.ledger().delivered).toBe(1));
  });
});

describe("random faults", () => {
  const calls = Array.from({ length: 400 }, (_, at) => ({
    portrait: `p${at >> 1}.jpg`,
    session: `s${at}`,
    call: 1 + (at & 1),
  }));

  it("hit the same calls in any order, and others with another seed", () => {
    const plan = { rate: 0.3 };
    const decisions = (seed: string, order: typeof calls) => {
      const book = new FaultBook(seed);
      book.random(plan);
      return new Map(order.map((call) => [`${call.portrait}/${call.call}`, book.decide(call)?.kind]));
    };
    const forwards = decisions("a", calls);
    const backwards = decisions("a", calls.toReversed());
    for (const [call, kind] of forwards) expect(backwards.get(call)).toBe(kind);
    expect([...decisions("b", calls).values()]).not.toEqual([...forwards.values()]);
    const hits = [...forwards.values()].filter((kind) => kind !== undefined);
    expect(hits.length).toBeGreaterThan(80);
    expect(hits.length).toBeLessThan(160);
    expect(new Set(hits)).toEqual(new Set(RANDOM_FAULT_KINDS));
  });

  it("refuse a photo in every call after the one that refused it", () => {
    const book = new FaultBook("a");
    book.random({ rate: 0.5, kinds: ["no_face", "reset"] });
    const kinds = (portrait: string) =>
      Array.from({ length: 6 }, (_, at) => book.decide({ portrait, session: "s", call: at + 1 })?.kind);
    const refused = Array.from({ length: 20 }, (_, at) => kinds(`p${at}.jpg`)).filter((all) => all.includes("no_face"));
    expect(refused.some((all) => all[0] !== "no_face")).toBe(true);
    for (const all of refused) expect(new Set(all.slice(all.indexOf("no_face")))).toEqual(new Set(["no_face"]));
  });

  it("yield to a matching rule", () => {
    const book = new FaultBook("a");
    book.random({ rate: 1, kinds: ["reset"] });
    book.add({ match: { portrait: "p7", call: 2 }, fault: "no_face" });
    expect(book.decide({ portrait: "p7.jpg", session: "s", call: 2 })?.kind).toBe("no_face");
    expect(book.decide({ portrait: "p7.jpg", session: "s", call: 1 })?.kind).toBe("reset");
  });

  it("look the same on the wire whether portraits come together or one after the other", async () => {
    const urls = Array.from({ length: 12 }, (_, at) => photos.put(`/mix/${at}.jpg`, jpeg));
    const run = async (together: boolean) => {
      const { twin, client } = await open("crlf", {
        faults: [],
        work: "light",
        randomFaults: { rate: 0.5, kinds: ["http", "no_face", "cut_after_generation"] },
      });
      const ask = (url: string, at: number) => client.chat({ ...BODY, session_id: `m${at}`, image_urls: [url] });
      if (together) await Promise.all(urls.map(ask));
      else for (const [at, url] of urls.entries()) await ask(url, at);
      await vi.waitFor(() => expect(twin.stats().running).toBe(0));
      return Object.fromEntries(Object.entries(twin.ledger().calls).map(([key, [call]]) => [key, call?.ending]));
    };
    const endings = await run(true);
    expect(await run(false)).toEqual(endings);
    expect(new Set(Object.values(endings)).size).toBeGreaterThan(2);
  });
});
