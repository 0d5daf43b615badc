import { once } from "node:events";
import { request, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { constants, createBrotliCompress, createGzip } from "node:zlib";
import { startTwin, type TwinOptions } from "@darkroom/twin";
import { until } from "@darkroom/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { startEngine, type Engine } from "../kit/engine.ts";
import { startHttpFront, type FrontRules } from "@darkroom/testkit";
import { postTo } from "../kit/post-to.ts";

type Respond = (response: Parameters<NonNullable<FrontRules["answers"]>>[1], picture: Buffer) => void;

let engine: Engine | undefined;
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await engine?.close();
  engine = undefined;
  for (const stop of stops.splice(0).reverse()) await stop();
});

/**
 * Starts an engine whose provider's links lead to a proxy, which first responds oddly to each of them.
 *
 * @param odd number of odd responses
 */
async function startBehind(
  respond: Respond,
  odd: number | ((link: string) => number) = 1,
  twinOptions: TwinOptions = {},
) {
  const fetches = new Map<string, number>();
  const twin = await startTwin({ latencyMs: 5, work: "light", ...twinOptions });
  stops.push(() => twin.close());
  const front = await startHttpFront(twin.url, {
    answers: async ({ url = "/" }, response) => {
      if (!url.startsWith("/cdn/")) return false;
      const times = (fetches.get(url) ?? 0) + 1;
      fetches.set(url, times);
      if (times > (typeof odd === "number" ? odd : odd(url))) return false;
      respond(response, Buffer.from(await (await fetch(twin.url + url)).arrayBuffer()));
      return true;
    },
  });
  stops.push(() => front.close());
  engine = await startEngine({
    env: {
      EACHLABS_BASE_URL: front.url,
      EACHLABS_API_KEY: twin.apiKey,
      DARKROOM_PRICES: '{"each-sense":{"eco":0.05,"max":0.2}}',
    },
  });
  return { engine, twin, fetches };
}

describe("a paid picture whose link misbehaves briefly", () => {
  const page = "<html><body>We are updating our cache. Try again in a moment.</body></html>";
  const odd: Readonly<Record<string, Respond>> = {
    "an empty body": (response) => void response.writeHead(200, { "content-type": "image/jpeg" }).end(),
    "a web page": (response) => void response.writeHead(200, { "content-type": "text/html" }).end(page),
    "half of it, without a length": (response, picture) => {
      response.writeHead(200, { "content-type": "image/jpeg", connection: "close" });
      response.useChunkedEncodingByDefault = false;
      response.end(picture.subarray(0, picture.length >> 1));
    },
    "half of it, cut": (response, picture) => {
      response.writeHead(200, { "content-length": String(picture.length) });
      response.write(picture.subarray(0, picture.length >> 1), () => response.destroy());
    },
    "a part of it": (response, picture) => {
      response.writeHead(206, { "content-range": `bytes 0-99/${picture.length}` }).end(picture.subarray(0, 100));
    },
    "a busy server": (response) => void response.writeHead(503, { "retry-after": "1" }).end(),
    "a redirect in a circle": (response) => void response.writeHead(302, { location: "/cdn/nothing" }).end(),
  };

  it.each(Object.entries(odd))("(%s) is fetched again and delivered, and paid once", async (_, respond) => {
    const { engine, twin, fetches } = await startBehind(respond);
    await engine.addPhotos(2);
    const record = await engine.ended(await engine.submit());
    expect(record).toMatchObject({ counts: { succeeded: 2 }, costUsd: 0.1 });
    expect(twin.ledger().billed).toBe(2);
    for (const [link, times] of fetches) if (!link.endsWith("nothing")) expect(times).toBe(2);
  });
});

describe("a paid picture whose link keeps misbehaving", () => {
  it("ends as corrupt after a few fetches, and reports what was received", async () => {
    const { engine, fetches } = await startBehind((response) => void response.writeHead(200).end("<html></html>"), 1e9);
    await engine.addPhotos(1);
    const id = await engine.submit();
    await engine.ended(id);
    const [line] = await engine.report(id);
    expect(line).toMatchObject({
      outcome: "corrupt_output",
      billed: "yes",
      message: expect.stringContaining("web page"),
    });
    const [times = 0] = fetches.values();
    expect(times).toBeGreaterThanOrEqual(5);
    expect(times).toBeLessThan(20);
  });

  it("counts as the provider's fault at the second check, if it is a whole picture", async () => {
    const faults = [{ match: {}, fault: { kind: "bad_output", output: "blank" } as const }];
    const { engine, fetches } = await startBehind(() => undefined, 0, { faults });
    await engine.addPhotos(1);
    const id = await engine.submit();
    await engine.ended(id);
    expect((await engine.report(id))[0]).toMatchObject({ outcome: "blank_output", billed: "yes" });
    expect([...fetches.values()]).toEqual([2]);
  });
});

describe("a provider behind a server that compresses every answer", () => {
  const coders = {
    gzip: () => createGzip({ flush: constants.Z_SYNC_FLUSH }),
    br: () => createBrotliCompress({ flush: constants.BROTLI_OPERATION_FLUSH }),
  };

  it.each(["gzip", "br"] as const)("(%s) works: stream, memory, results", async (coding) => {
    const seen: IncomingHttpHeaders[] = [];
    let cut = true;
    const twin = await startTwin({ latencyMs: 200, work: "light" });
    stops.push(() => twin.close());
    const front = await startHttpFront(twin.url, {
      answers: async (message, response) => {
        const { method, url, headers } = message;
        seen.push(headers);
        const onward = request(twin.url + url, { method, headers });
        message.pipe(onward);
        const [upstream] = (await once(onward, "response")) as [IncomingMessage];
        const { "content-length": _, ...rest } = upstream.headers;
        response.writeHead(upstream.statusCode ?? 502, { ...rest, "content-encoding": coding });
        // The first stream breaks after it has begun. The memory, whose response is also compressed, has the answer.
        if (cut && method === "POST") {
          cut = false;
          upstream.once("data", () => response.destroy()).resume();
        } else upstream.pipe(coders[coding]()).pipe(response);
        return true;
      },
    });
    stops.push(() => front.close());
    engine = await startEngine({ env: { EACHLABS_BASE_URL: front.url, EACHLABS_API_KEY: twin.apiKey } });
    await engine.addPhotos(3);
    const record = await engine.ended(await engine.submit());
    expect(record.counts).toMatchObject({ succeeded: 3 });
    expect(twin.ledger().billed).toBe(3);
    for (const headers of seen) {
      expect(headers).toMatchObject({ "accept-encoding": "identity" });
      expect(headers["user-agent"]).toMatch(/^darkroom\//);
    }
  });
});

describe("a paid picture that a portrait ended without", () => {
  it("is tried by a retry before anything is paid, and delivered", async () => {
    let isDown = true;
    const respond: Respond = (response) => void response.writeHead(404).end();
    const { engine, twin } = await startBehind(respond, () => (isDown ? 1e9 : 0));
    await engine.addPhotos(2);
    const id = await engine.submit();
    expect(await engine.ended(id)).toMatchObject({ failures: { result_unavailable: 2 }, lostUsd: 0.1 });
    isDown = false;
    await postTo(engine, `/batches/${id}/retry`);
    await until(async () => (await engine.ledger.read(id))?.counts.succeeded === 2, { what: "the retry to deliver" });
    expect(await engine.ended(id)).toMatchObject({ costUsd: 0.1, lostUsd: 0 });
    expect(twin.ledger().billed).toBe(2);
    for (const line of await engine.report(id))
      expect(line).toMatchObject({ billed: "yes", costUsd: 0.05, lostUsd: 0 });
  });

  it("is paid again by a retry if it still does not exist", async () => {
    let isDown = true;
    const lost = new Set<string>();
    const { engine, twin } = await startBehind(
      (response) => void response.writeHead(404).end(),
      (link) => {
        if (isDown) lost.add(link);
        return lost.has(link) ? 1e9 : 0;
      },
    );
    await engine.addPhotos(1);
    const id = await engine.submit();
    await engine.ended(id);
    isDown = false;
    await postTo(engine, `/batches/${id}/retry`);
    await until(async () => (await engine.ledger.read(id))?.counts.succeeded === 1, { what: "the retry to deliver" });
    expect(twin.ledger().billed).toBe(2);
  });

  it("is fetched from the memory's link if the first one is dead", async () => {
    const twin = await startTwin({ latencyMs: 5, work: "light" });
    stops.push(() => twin.close());
    const front = await startHttpFront(twin.url, {
      answers: async ({ url = "", method, headers }, response) => {
        if (url.startsWith("/cdn/")) {
          response.writeHead(404).end();
          return true;
        }
        const isMemory = method === "GET" && url.startsWith("/memory");
        if (!isMemory && !url.startsWith("/renewed/")) return false;
        const asked = { "x-api-key": String(headers["x-api-key"]), host: String(headers.host) };
        const answer = await fetch(twin.url + url.replace("/renewed/", "/cdn/"), { headers: asked });
        const bytes = Buffer.from(await answer.arrayBuffer());
        response.writeHead(answer.status).end(isMemory ? bytes.toString().replaceAll("/cdn/", "/renewed/") : bytes);
        return true;
      },
    });
    stops.push(() => front.close());
    engine = await startEngine({ env: { EACHLABS_BASE_URL: front.url, EACHLABS_API_KEY: twin.apiKey } });
    await engine.addPhotos(2);
    expect(await engine.ended(await engine.submit())).toMatchObject({ counts: { succeeded: 2 } });
    expect(twin.ledger().billed).toBe(2);
  });
});
