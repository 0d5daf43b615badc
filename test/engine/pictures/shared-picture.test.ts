import { afterEach, expect, it } from "vitest";
import { startTwin } from "@darkroom/twin";
import { COLOURS, colourPhoto } from "../kit/colour-photos.ts";
import { startEngine, type Engine } from "../kit/engine.ts";
import { startHttpFront } from "@darkroom/testkit";

let engine: Engine;
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await engine.close();
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** Starts a provider whose CDN returns one picture in place of another. Both are numbered from 0. */
async function startWithOnePicture(instead: (place: number) => number = () => 0, phota = false): Promise<void> {
  const twin = await startTwin({ latencyMs: 20, work: "light" });
  stops.push(() => twin.close());
  const given: Promise<Buffer>[] = [];
  const front = await startHttpFront(twin.url, {
    answers: async ({ url = "/" }, response) => {
      if (!url.startsWith("/cdn/")) return false;
      given.push(fetch(`${twin.url}${url}`).then(async (answer) => Buffer.from(await answer.arrayBuffer())));
      const bytes = (await given[instead(given.length - 1)]) ?? Buffer.alloc(0);
      response.writeHead(200, { "content-type": "image/jpeg", "content-length": bytes.length }).end(bytes);
      return true;
    },
  });
  stops.push(() => front.close());
  engine = await startEngine({
    phota,
    env: {
      EACHLABS_BASE_URL: front.url,
      EACHLABS_API_KEY: twin.apiKey,
      ...(phota ? { PHOTA_BASE_URL: front.url, PHOTA_API_KEY: twin.apiKey } : {}),
      DARKROOM_LANE_CONCURRENCY: "1",
    },
  });
}

async function putPhotos(count: number): Promise<readonly string[]> {
  const names = Array.from({ length: count }, (_, place) => `p${place}.jpg`);
  for (const [place, name] of names.entries()) {
    const colour = COLOURS[place * 3] ?? [255, 255, 255];
    await engine.source.put(name, await colourPhoto(colour), { contentType: "image/jpeg" });
  }
  return names;
}

it("does not deliver one picture to several people without a warning", { timeout: 90_000 }, async () => {
  await startWithOnePicture();
  await putPhotos(5);
  const { state, failures } = await engine.ended(await engine.submit());
  expect(state).toBe("completed_with_failures");
  expect(failures).toEqual({ shared_picture: 4 });
});

it("names both, and does not store the later one", { timeout: 90_000 }, async () => {
  await startWithOnePicture();
  await putPhotos(2);
  const batch = await engine.submit();
  await engine.ended(batch);
  const lines = await engine.report(batch);
  const [first] = lines.filter(({ outcome }) => outcome === "ok");
  const [second] = lines.filter(({ outcome }) => outcome === "shared_picture");
  if (first === undefined || second === undefined) throw new Error(JSON.stringify(lines));
  expect(first["review"]).toEqual([expect.stringContaining(`portrait ${second.index}`)]);
  expect(second).toMatchObject({
    billed: "yes",
    message: expect.stringContaining(`${first.index} (${first.id})`) as unknown,
  });
  expect(await engine.results.head(first.id)).toBeDefined();
  expect(await engine.results.head(second.id)).toBeUndefined();
});

it("two rows with one photo may share its picture", { timeout: 90_000 }, async () => {
  await startWithOnePicture();
  const [source = ""] = await putPhotos(1);
  const rows = ["a.jpg", "b.jpg"].map((destination) => ({
    id: destination,
    source,
    destination,
  }));
  const batch = await engine.submit({ rows, baseUrl: `${engine.root}in/` });
  expect((await engine.ended(batch)).counts).toMatchObject({ total: 2, succeeded: 2 });
  expect((await engine.report(batch)).flatMap(({ review }) => review)).toEqual([]);
});

const TWO_PICTURES = {
  provider: "phota",
  preset: "professional-polish",
  output: { variations: 2 },
} as const;

it("does not store a variation that is another person's picture, and names both", { timeout: 90_000 }, async () => {
  // The pictures come in order: a portrait's main picture, then its variation.
  await startWithOnePicture((place) => (place === 3 ? 0 : place), true);
  await putPhotos(2);
  const batch = await engine.submit({ recipe: TWO_PICTURES });
  await engine.ended(batch);
  const lines = await engine.report(batch);
  const isCut = (line: (typeof lines)[number]): boolean =>
    String(line["warnings"]).includes("picture 2 was not stored");
  const [second, first] = [lines.find(isCut), lines.find((line) => !isCut(line))];
  if (first === undefined || second === undefined) throw new Error(JSON.stringify(lines));
  expect(second).toMatchObject({
    outcome: "ok",
    warnings: [
      expect.stringContaining(`picture 2 was not stored: the provider returned the picture of portrait ${first.index}`),
    ],
  });
  expect(first).toMatchObject({ outcome: "ok", review: [expect.stringContaining(`portrait ${second.index}`)] });
  expect(second["review"]).toEqual([expect.stringContaining(`portrait ${first.index}`)]);
  expect(await engine.results.head(second.id.replace(".", "-2."))).toBeUndefined();
});

it("does not store a main picture that another portrait got as its variation", { timeout: 90_000 }, async () => {
  await startWithOnePicture((place) => (place === 2 ? 1 : place), true);
  await putPhotos(2);
  const batch = await engine.submit({ recipe: TWO_PICTURES });
  expect((await engine.ended(batch)).failures).toEqual({ shared_picture: 1 });
});
