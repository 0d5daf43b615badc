import { afterEach, expect, it } from "vitest";
import { startTwin } from "@darkroom/twin";
import { COLOURS, colourPhoto, madeFrom, type Colour } from "../kit/colour-photos.ts";
import { startEngine, type Engine } from "../kit/engine.ts";
import { startHttpFront, testS3, until } from "@darkroom/testkit";

let engine: Engine;
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await engine.close();
  for (const stop of stops.splice(0).reverse()) await stop();
});

const NAME = "ana.jpg";
const ANA: Colour = COLOURS[3] ?? [255, 255, 255];
const BOB: Colour = COLOURS[20] ?? [255, 255, 255];

async function put(colour: Colour): Promise<void> {
  const before = await engine.source.head(NAME);
  // Stores report the time of a write in whole seconds.
  const isTold = async (): Promise<boolean> => {
    await engine.source.put(NAME, await colourPhoto(colour), { contentType: "image/jpeg" });
    return (await engine.source.head(NAME))?.modifiedAt !== before?.modifiedAt;
  };
  await until(isTold, { what: "another time of writing", everyMs: 200 });
}

/**
 * Another person's photo is at the key while the provider fetches it. The right photo is back when the result arrives.
 */
async function startSwapping(store: "s3" | "local"): Promise<void> {
  const provider = await startTwin({ latencyMs: 20, work: "light" });
  stops.push(() => provider.close());
  const colours = [BOB, ANA];
  const swap = async (): Promise<void> => {
    const next = colours.shift();
    if (next !== undefined) await put(next);
  };
  const front = await startHttpFront(provider.url, {
    answers: async ({ method, url = "/" }) => {
      const isCall = method === "POST" && url === "/chat";
      if ((isCall && colours.length === 2) || (url.startsWith("/cdn/") && colours.length === 1)) await swap();
      return false;
    },
  });
  stops.push(() => front.close());
  engine = await startEngine({ store, env: { EACHLABS_BASE_URL: front.url, EACHLABS_API_KEY: provider.apiKey } });
  await put(ANA);
}

it("does not deliver a photo that was replaced during the call and restored", { timeout: 60_000 }, async () => {
  await startSwapping("s3");
  const batch = await engine.submit();
  await engine.ended(batch);
  expect((await engine.report(batch)).map(({ outcome }) => outcome)).toEqual(["source_changed"]);
  expect(await madeFrom(engine.results, NAME)).toBeUndefined();
  const again = await engine.submit();
  await engine.ended(again);
  expect(await madeFrom(engine.results, NAME)).toEqual(ANA);
});

it("a link to a local folder's photo opens no other photo", { timeout: 60_000 }, async () => {
  await startSwapping("local");
  const batch = await engine.submit();
  await engine.ended(batch);
  // The provider finds no photo there, and bills nothing.
  expect(await engine.report(batch)).toMatchObject([{ outcome: "invalid_image", billed: "no" }]);
  expect(await madeFrom(engine.results, NAME)).toBeUndefined();
});

/** More than the requests of one attempt, each of which is sent three times. */
const REFUSED_READS = 4;

it(
  "delivers no result without comparing it, even if its photo is temporarily unreadable",
  { timeout: 60_000 },
  async () => {
    const provider = await startTwin({ latencyMs: 20, work: "light" });
    stops.push(() => provider.close());
    let [isReplaced, isMade, refused] = [false, false, 0];
    const front = await startHttpFront(provider.url, {
      answers: async ({ method, url = "/" }) => {
        if (method === "POST" && url === "/chat" && !isReplaced) {
          isReplaced = true;
          await put(BOB);
        }
        isMade ||= url.startsWith("/cdn/");
        return false;
      },
    });
    stops.push(() => front.close());
    const store = await startHttpFront(testS3().endpoint, {
      answers: ({ method, url = "" }, response) => {
        if (!isMade || method !== "GET" || !url.includes("/in/") || refused >= REFUSED_READS) return false;
        refused += 1;
        response.writeHead(503).end();
        return true;
      },
    });
    stops.push(() => store.close());
    engine = await startEngine({
      store: "s3",
      workers: 0,
      env: { EACHLABS_BASE_URL: front.url, EACHLABS_API_KEY: provider.apiKey },
    });
    await put(ANA);
    await engine.spawnWorker({ AWS_ENDPOINT_URL_S3: store.url });
    const batch = await engine.submit();
    await engine.ended(batch);
    expect((await engine.report(batch)).map(({ outcome }) => outcome)).toEqual(["source_changed"]);
    expect(await madeFrom(engine.results, NAME)).toBeUndefined();
    expect(refused).toBe(REFUSED_READS);
  },
);
