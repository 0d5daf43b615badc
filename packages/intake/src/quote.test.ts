import { readdir } from "node:fs/promises";
import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  costOfUsableUsd,
  couldEnhanceAny,
  DarkroomError,
  fingerprint,
  resolveRecipe,
  RESULT_METADATA,
  type ObjectStore,
  type Submission,
} from "@darkroom/core";
import { openStores, placeMark, type Stores } from "@darkroom/storage";
import { tempFolder, testBucket, testNamespace, testS3, type TempFolder } from "@darkroom/testkit";
import { quoteSubmission, type QuoteDependencies } from "./index.ts";

const RECIPE = { preset: "skin-smoothing", mode: "eco" } as const;

const hasS3 = process.env["DARKROOM_TEST_S3"] !== "off";
if (!hasS3) console.warn("DARKROOM_TEST_S3 is off: quotes are not tested on S3");

interface Place {
  readonly stores: Stores;
  /** Unique to the test. Ends with a slash. */
  readonly url: string;
  close(): Promise<void>;
}

async function localPlace(): Promise<Place> {
  const folder: TempFolder = await tempFolder();
  const stores = openStores({ s3: {}, local: { roots: [folder.path], linkSecret: "test" } });
  const close = async (): Promise<void> => {
    await stores.close();
    await folder.remove();
  };
  return { stores, url: `${pathToFileURL(folder.path).href}/`, close };
}

async function s3Place(): Promise<Place> {
  const stores = openStores({ s3: testS3(), local: { roots: [], linkSecret: "test" } });
  return { stores, url: `s3://${testBucket()}/quote/${testNamespace()}/`, close: () => stores.close() };
}

const places: [string, () => Promise<Place>][] = [["a local folder", localPlace]];
if (hasS3) places.push(["S3", s3Place]);

describe.each(places)("a quote on %s", (_, open) => {
  let place: Place;
  let url: string;
  let nth = 0;
  beforeAll(async () => {
    place = await open();
  });
  afterAll(async () => {
    await place.close();
  });
  beforeEach(() => {
    nth += 1;
    url = `${place.url}${nth}/`;
  });

  const rules = (change: Partial<QuoteDependencies> = {}): QuoteDependencies => ({
    openStore: place.stores.open,
    lanes: { "each-sense": "each-sense" },
    prices: { "each-sense": { eco: 0.05, max: 0.2 } },
    laneLimits: () => ({ concurrency: 10 }),
    ...change,
  });
  const submission = (change: Partial<Submission> = {}): Submission => ({
    source: `${url}in/`,
    destination: `${url}out/`,
    recipe: RECIPE,
    ...change,
  });
  const put = async (name: string, content: string, metadata: Record<string, string> = {}): Promise<void> => {
    await place.stores.open(url).put(name, Buffer.from(content), { metadata });
  };
  const keys = async (): Promise<string[]> => {
    const found: string[] = [];
    for await (const { key } of place.stores.open(url).list()) found.push(key);
    return found;
  };
  const csv = (...lines: string[]) => ({
    format: "csv" as const,
    body: Readable.from([Buffer.from(lines.join("\n"))]),
  });

  it("reports results whose key is taken, and counts the simulator's pictures as enhanced again", async () => {
    const places: Record<string, string> = {};
    const marks: Record<string, Record<string, string>> = {};
    const inFolder = place.stores.open(`${url}in/`);
    for (const name of ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]) {
      await put(`in/${name}`, name);
      places[name] = placeMark({ store: inFolder, key: name });
      const wished = fingerprint((await inFolder.head(name)) ?? { etag: "", sizeBytes: 0 }, resolveRecipe(RECIPE));
      marks[name] = { [RESULT_METADATA.fingerprint]: wished, [RESULT_METADATA.place]: places[name] ?? "" };
    }
    await put("out/a.jpg", "a person's own");
    await put("out/b.jpg", "made of d", marks["d.jpg"]);
    await put("out/c.jpg", "simulated", { ...marks["c.jpg"], [RESULT_METADATA.simulated]: "yes" });
    await put("out/d.jpg", "older", { ...marks["d.jpg"], [RESULT_METADATA.fingerprint]: "of another recipe" });
    const { sample, refusal } = await quoteSubmission(submission(), rules());
    expect(sample).toMatchObject({ alreadyDelivered: 0, simulated: 1, taken: 2, otherRecipe: { results: 1 } });
    expect(refusal).toMatch(/results of another recipe for 1 of the 4 photos that were looked at.*--remake/);
    expect(sample.takenExamples).toMatchObject([
      { destination: "a.jpg", what: "not made by Darkroom, or changed since" },
      { destination: "b.jpg", what: "another photo's result" },
    ]);
    const overwriting = await quoteSubmission(submission({ overwrite: true }), rules());
    expect(overwriting.sample).toMatchObject({ taken: 0, takenExamples: [] });
    expect(overwriting.refusal).toBeNull();
    const remaking = await quoteSubmission(submission({ overwrite: "other-recipe" }), rules());
    expect(remaking).toMatchObject({ sample: { taken: 2, otherRecipe: { results: 1 } }, refusal: null });
    const keeping = await quoteSubmission(submission({ overwrite: false }), rules());
    expect([sample, overwriting.sample, remaking.sample].map(({ kept }) => kept)).toEqual([0, 0, 0]);
    expect(keeping).toMatchObject({ sample: { taken: 2, kept: 1, otherRecipe: { results: 1 } }, refusal: null });
    expect(costOfUsableUsd(keeping)).toBe(0.05);
    const trial = await quoteSubmission(submission({ lane: "twin" }), rules({ lanes: { "each-sense": "twin" } }));
    expect(trial.sample).toMatchObject({ alreadyDelivered: 1, simulated: 0, taken: 3 });
  });

  it("of a prefix counts photos, duplicate content and delivered results, and writes nothing", async () => {
    for (const [name, content] of [
      ["a.jpg", "A"],
      ["b.jpg", "B"],
      ["c/a.jpg", "A"],
      ["notes.txt", "n"],
    ] as const) {
      await put(`in/${name}`, content);
    }
    const head = await place.stores.open(`${url}in/`).head("b.jpg");
    const wished = fingerprint(head ?? { etag: "", sizeBytes: 0 }, resolveRecipe(RECIPE));
    await put("out/b.jpg", "done", { [RESULT_METADATA.fingerprint]: wished });
    await put("out/a.jpg", "done", { [RESULT_METADATA.fingerprint]: "of another recipe" });
    const before = await keys();
    const quote = await quoteSubmission(submission(), rules());
    expect(quote).toMatchObject({
      provider: "each-sense",
      lane: "each-sense",
      destination: `${url}out/`,
      rows: 3,
      goodRows: 3,
      badRows: 0,
      duplicates: 1,
      duplicatesBy: "content",
      sample: { looked: 3, missing: 0, sameContent: 1, alreadyDelivered: 1, taken: 1, ontoItself: 0 },
      cost: { usd: 0.15, parts: [{ mode: "eco", portraits: 3, turns: 3, usd: 0.15 }] },
      time: { minSeconds: 5, maxSeconds: 300, concurrency: 10, ratePerMinute: null },
      warnings: [],
    });
    expect(couldEnhanceAny(quote)).toBe(true);
    expect(await keys()).toEqual(before);
  });

  it("of an uploaded manifest reports its bad rows, and does not store it", async () => {
    await put("raw/a.jpg", "A");
    await put("raw/b.jpg", "B");
    await put("raw/copy.jpg", "A");
    const before = await keys();
    const upload = csv(
      "source,id,destination,mode,prompt,team,notes",
      "a.jpg,1,1.jpg,,,north,strong",
      "b.jpg,2,1.jpg,,",
      "a.jpg,3,3.jpg,max,make the nose smaller",
      "./copy.jpg,4,4.jpg,,",
      "gone.jpg,5,5.jpg,,",
      "./b.jpg,1,6.jpg,,",
      "b.jpg,7,7.jpg,best,",
      "https://photos.test/x.jpg?sig=hunter2,8,8.jpg,,",
      "../x.jpg,9,9.jpg,,",
    );
    const { source: _source, ...sent } = submission({ baseUrl: `${url}raw/` });
    const quote = await quoteSubmission(sent, rules(), { upload });
    expect(quote).toMatchObject({
      rows: 9,
      goodRows: 5,
      badRows: 4,
      refusal: expect.stringMatching(/^The manifest has 4 bad rows\. Mend them, or give --skip-bad-rows/) as string,
      firstBadRows: [
        { index: 1, line: 3, field: "destination", message: expect.stringContaining("1.jpg") },
        { index: 5, line: 7, field: "id" },
        { index: 6, line: 8, field: "mode" },
        { index: 8, line: 10, field: "source" },
      ],
      destinationCollisions: 1,
      carriedColumns: ["team", "notes"],
      duplicatesBy: "source",
      sample: {
        looked: 4,
        missing: 1,
        missingExamples: [{ index: 4, id: "5", source: "gone.jpg", similar: null }],
        sameContent: 1,
        alreadyDelivered: 0,
      },
      cost: {
        usd: 0.4,
        parts: [
          { mode: "eco", portraits: 4, usd: 0.2 },
          { mode: "max", portraits: 1, usd: 0.2 },
        ],
      },
    });
    // Bad rows that repeat b.jpg are reported as bad. The row that repeats a.jpg is valid and is not reported.
    expect(quote.duplicates).toBe(1);
    expect(quote.sample.missingExamples[0]?.place).toBe(`${url}raw/gone.jpg`);
    expect(quote.warnings).toEqual([
      expect.stringMatching(/^Portrait 2 \(3\): .*facial structure/),
      expect.stringMatching(/^1 photos? .*https/),
    ]);
    expect(JSON.stringify(quote)).not.toContain("hunter2");
    expect(await keys()).toEqual(before);
    expect(upload.body.destroyed).toBe(true);
  });

  it("counts links into private networks as refused, and shows no signatures", async () => {
    const upload = () =>
      csv("source", "https://192.168.1.2/a.jpg?sig=hunter2", "https://localhost/b.jpg", "https://photos.test/c.jpg");
    const { source: _source, ...sent } = submission();
    const { sample, warnings, ...quote } = await quoteSubmission(sent, rules(), { upload: upload() });
    expect(quote).toMatchObject({ goodRows: 3, badRows: 0 });
    expect(sample).toMatchObject({
      looked: 2,
      refused: 2,
      refusedExamples: [
        { index: 0, message: "192.168.1.2 is in a private network, and Darkroom does not fetch from there" },
        { index: 1, message: "localhost is in a private network, and Darkroom does not fetch from there" },
      ],
    });
    expect(warnings).toEqual(["1 photo is an https:// link. It was not checked."]);
    expect(JSON.stringify(sample)).not.toContain("hunter2");
    const allowed = await quoteSubmission(sent, rules({ allowPrivateSources: true }), { upload: upload() });
    expect(allowed.sample).toMatchObject({ looked: 0, refused: 0 });
  });

  it("reports links that lead to a page instead of a photo", async () => {
    const upload = csv("source,id", "https://drive.google.com/file/d/abc/view,1", "https://photos.test/c.jpg,2");
    const { source: _source, ...sent } = submission({ template: "{id}" });
    const { warnings } = await quoteSubmission(sent, rules(), { upload });
    expect(warnings).toContainEqual(
      expect.stringMatching(
        /^1 link seems to lead to a page .*: https:\/\/drive\.google\.com\/file\/d\/abc\/view \(Google Drive\)\./,
      ),
    );
  });

  it("is rejected for a misspelt column, until the submission declares it", async () => {
    await put("raw/a.jpg", "A");
    const { source: _source, ...sent } = submission({ baseUrl: `${url}raw/` });
    const upload = () => csv("source,intesity", "a.jpg,subtle");
    await expect(quoteSubmission(sent, rules(), { upload: upload() })).rejects.toThrow(
      /manifest\.csv, line 1: the column "intesity" is probably meant to be "intensity"/,
    );
    const all = csv("source,intesity,mode", "a.jpg,huge,", "gone.jpg,,", "a.jpg,,turbo");
    const refused = await quoteSubmission(sent, rules(), { upload: all }).catch((error: unknown) => error);
    expect(refused instanceof Error ? refused.message.split("\n") : []).toEqual([
      "the manifest has 4 mistakes:",
      expect.stringMatching(/^manifest\.csv, line 1: the column "intesity"/),
      expect.stringMatching(/^manifest\.csv, line 2, intesity: intensity "huge" is not known/),
      expect.stringMatching(/^manifest\.csv, line 4, mode: mode "turbo" is not known/),
      'manifest.csv: row 2: the photo "gone.jpg" does not exist',
    ]);
    const quote = await quoteSubmission({ ...sent, carry: ["intesity"] }, rules(), { upload: upload() });
    expect(quote).toMatchObject({ goodRows: 1, carriedColumns: ["intesity"] });
  });

  it("reports a result that would replace its own photo", async () => {
    await put("same/a.jpg", "A");
    const quote = await quoteSubmission(
      { rows: [{ source: "a.jpg" }], baseUrl: `${url}same/`, destination: `${url}same/`, recipe: RECIPE },
      rules(),
    );
    expect(quote).toMatchObject({ goodRows: 1, sample: { looked: 1, ontoItself: 1 } });
    expect(couldEnhanceAny(quote)).toBe(false);
  });

  it("reports that nothing could be enhanced when there is no photo", async () => {
    const rows = [{ source: "a.jpg" }, { source: "b.jpg" }];
    const sent = { rows, baseUrl: `${url}in/`, destination: `${url}out/`, recipe: RECIPE };
    const quote = await quoteSubmission(sent, rules());
    expect(quote.sample).toMatchObject({ looked: 2, missing: 2 });
    expect(couldEnhanceAny(quote)).toBe(false);
    const empty = await quoteSubmission(submission(), rules());
    expect(empty).toMatchObject({ rows: 0, cost: { usd: 0 }, time: { minSeconds: 0, maxSeconds: 0 } });
    expect(couldEnhanceAny(empty)).toBe(false);
  });

  it("rejects an uploaded manifest with relative sources and no base, but not one whose rows need none", async () => {
    const { source: _source, ...sent } = submission();
    const upload = csv("source", "a.jpg", "b.jpg");
    await expect(quoteSubmission(sent, rules(), { upload })).rejects.toMatchObject({
      code: "invalid_input",
      field: "baseUrl",
      message: expect.stringMatching(/it is unknown where the photos of the rows are.*give baseUrl/),
    });
    await put("in/b.jpg", "B");
    const mixed = csv("source,id", "a.jpg,1", `${url}in/b.jpg,2`);
    const allowing = { ...rules(), manifestSources: [`${url}in/`] };
    expect(await quoteSubmission(sent, allowing, { upload: mixed })).toMatchObject({
      goodRows: 1,
      firstBadRows: [{ line: 2, field: "source", message: expect.stringContaining("give baseUrl") }],
      sample: { looked: 1, missing: 0, ontoItself: 0 },
    });
  });

  it("names the photo that differs from a missing one only in case or accents", async () => {
    await put("in/Team/Anna M\u00fcller.jpg", "A");
    const rows = [{ source: "Team/anna mu\u0308ller.JPG" }, { source: "Team/bob.jpg" }];
    const quote = await quoteSubmission(
      { rows, baseUrl: `${url}in/`, destination: `${url}out/`, recipe: RECIPE },
      rules(),
    );
    expect(quote.sample).toMatchObject({
      missing: 2,
      missingExamples: [{ similar: "Team/Anna M\u00fcller.jpg" }, { similar: null }],
    });
  });

  it("finds a photo whose folder and file encode accents differently", async () => {
    await put("in/Kunde M\u00fcller/Ame\u0301lie.jpg", "A");
    const rows = [{ source: "Kunde M\u00fcller/Am\u00e9lie.jpg" }];
    const quote = await quoteSubmission(
      { rows, baseUrl: `${url}in/`, destination: `${url}out/`, recipe: RECIPE },
      rules(),
    );
    expect(quote.sample).toMatchObject({ looked: 1, missing: 0 });
  });

  it("leaves out results within the source", async () => {
    await put("in/a.jpg", "A");
    await put("in/50% off/a.jpg", "done");
    const inside = url.startsWith("file:") ? "50%25%20off" : "50% off";
    const quote = await quoteSubmission(submission({ destination: `${url}in/${inside}/` }), rules());
    expect(quote.rows).toBe(1);
    const nightly = quoteSubmission(submission({ destination: `${url}in/dated/{date}/` }), rules());
    await expect(nightly).rejects.toMatchObject({ code: "invalid_input", field: "destination" });
  });

  it("rejects an order that a submission would reject, or that would make the batch fail", async () => {
    await put("empty.csv", "");
    const refused = async (change: Partial<Submission>): Promise<unknown> =>
      await quoteSubmission(submission(change), rules()).catch((error: unknown) => error);
    expect(await refused({ destination: `${url}in/` })).toMatchObject({ code: "invalid_input", field: "destination" });
    expect(await refused({ maxCostUsd: 0.01 })).toMatchObject({ code: "invalid_input", field: "maxCostUsd" });
    expect(await refused({ source: `${url}team.csv`, maxCostUsd: 0.12 })).toMatchObject({
      message: expect.stringContaining(
        "one portrait may cost 0.2 USD, because a row may ask for the mode max, which is more than",
      ),
    });
    await put("team.csv", "source,mode\na.jpg,max\n");
    const ecoAlone = { ...rules(), prices: { "each-sense": { eco: 0.05 } } };
    for (const change of [
      { source: `${url}team.csv` },
      { recipe: { ...submission({}).recipe, mode: "max" as const } },
    ]) {
      const asked = quoteSubmission(submission({ ...change, maxCostUsd: 10 }), ecoAlone);
      await expect(asked).rejects.toMatchObject({ field: "maxCostUsd" });
    }
    expect(await quoteSubmission(submission({ maxCostUsd: 10 }), ecoAlone)).toMatchObject({ badRows: 0 });
    expect(await refused({ deadline: "2020-01-01T00:00:00Z" })).toMatchObject({ field: "deadline" });
    expect(await refused({ lane: "other" })).toMatchObject({ code: "invalid_input", field: "lane" });
    expect(await refused({ template: "../{name}" })).toMatchObject({ field: "template" });
    expect(await refused({ template: "{team}/{name}" })).toMatchObject({ code: "invalid_input", field: "template" });
    expect(await refused({ source: `${url}empty.csv` })).toMatchObject({ code: "invalid_input", field: "source" });
    expect(await refused({ source: `${url}none.csv` })).toMatchObject({ code: "storage_not_found" });
  });

  it("samples at most 50 photos, spread over the batch, a few in parallel", async () => {
    const rows = Array.from({ length: 1_000 }, (_, i) => ({ source: `${i}.jpg` }));
    let [heads, open, most] = [0, 0, 0];
    const looked: string[] = [];
    const watch = (store: ObjectStore): ObjectStore => ({
      url: store.url,
      kind: store.kind,
      checkKey: (key) => store.checkKey(key),
      get: (key, options) => store.get(key, options),
      put: () => Promise.reject(new Error("a quote writes nothing")),
      list: (options) => store.list(options),
      delete: () => Promise.reject(new Error("a quote deletes nothing")),
      link: () => Promise.reject(new Error("a quote needs no link")),
      head: async (key) => {
        heads += 1;
        looked.push(key);
        most = Math.max(most, ++open);
        try {
          return await store.head(key);
        } finally {
          open -= 1;
        }
      },
    });
    const openStore = (storeUrl: string): ObjectStore => watch(place.stores.open(storeUrl));
    const sent = { rows, baseUrl: `${url}in/`, destination: `${url}out/`, recipe: RECIPE };
    const quote = await quoteSubmission(sent, rules({ openStore }));
    expect(quote.sample).toMatchObject({ looked: 50, missing: 50 });
    expect(quote.sample.missingExamples).toHaveLength(10);
    expect(heads).toBe(50);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(8);
    const indexes = looked.map((key) => Number.parseInt(key)).sort((a, b) => a - b);
    const gaps = indexes.slice(1).map((index, i) => index - (indexes[i] ?? 0));
    expect(Math.max(...gaps, 1_000 - (indexes.at(-1) ?? 0))).toBeLessThanOrEqual(40);
  });

  it("counts exactly, for any number of rows", async () => {
    const rows = 200_000;
    function* lines(): Generator<Buffer> {
      yield Buffer.from("source,id,destination\n");
      for (let from = 0; from < rows; from += 1_000) {
        const some = Array.from({ length: 1_000 }, (_, i) => from + i);
        // Every hundredth row repeats the previous photo, every thousandth the previous destination.
        yield Buffer.from(
          some.map((i) => `${i % 100 === 99 ? i - 1 : i}.jpg,p${i},${i % 1_000 === 500 ? i - 1 : i}.jpg\n`).join(""),
        );
      }
    }
    const { source: _source, ...sent } = submission({ baseUrl: `${url}in/` });
    const upload = { format: "csv" as const, body: Readable.from(lines()) };
    const quote = await quoteSubmission(sent, rules(), { upload });
    expect(quote).toMatchObject({
      rows,
      goodRows: rows - rows / 1_000,
      badRows: rows / 1_000,
      destinationCollisions: rows / 1_000,
      duplicates: rows / 100,
      sample: { looked: 50, missing: 50 },
    });
    expect(quote.firstBadRows).toHaveLength(20);
  });

  it("stops when the client disconnects", async () => {
    const gone = new AbortController();
    const body = Readable.from(
      (function* endless() {
        yield Buffer.from("source\n");
        for (let i = 0; ; i++) {
          if (i === 20) gone.abort(new Error("gone"));
          yield Buffer.from(Array.from({ length: 1_000 }, (_, row) => `${i}/${row}.jpg\n`).join(""));
        }
      })(),
    );
    const { source: _source, ...sent } = submission({ baseUrl: `${url}in/` });
    const asked = quoteSubmission(sent, rules(), { upload: { format: "csv", body }, signal: gone.signal });
    await expect(asked).rejects.toThrow("gone");
    expect(body.destroyed).toBe(true);
  });
});

describe("on a local folder", () => {
  it("counts an unreadable photo instead of failing", async () => {
    await using folder = await tempFolder();
    const stores = openStores({ s3: {}, local: { roots: [folder.path], linkSecret: "test" } });
    const url = pathToFileURL(folder.path).href;
    const quote = await quoteSubmission(
      { rows: [{ source: "file:///etc/photo.jpg" }], destination: `${url}/out/`, recipe: RECIPE },
      {
        openStore: stores.open,
        lanes: { "each-sense": "twin" },
        prices: {},
        manifestSources: "any",
        laneLimits: () => ({ concurrency: 1 }),
      },
    );
    expect(quote).toMatchObject({ goodRows: 1, sample: { looked: 1, unreadable: 1, missing: 0 }, cost: { usd: null } });
    expect(await readdir(folder.path)).toEqual([]);
    await stores.close();
  });

  it("reports a failing store as such", async () => {
    await using folder = await tempFolder();
    const stores = openStores({ s3: {}, local: { roots: [folder.path], linkSecret: "test" } });
    const away = new DarkroomError("storage_unavailable", "away", { retryable: true });
    const openStore = (url: string): ObjectStore => {
      const store = stores.open(url);
      store.head = () => Promise.reject(away);
      return store;
    };
    const destination = `${pathToFileURL(folder.path).href}/`;
    const asked = quoteSubmission(
      { rows: [{ source: "a.jpg" }], baseUrl: destination, destination, recipe: RECIPE },
      { openStore, lanes: { "each-sense": "twin" }, prices: {}, laneLimits: () => ({ concurrency: 1 }) },
    );
    await expect(asked).rejects.toBe(away);
    await stores.close();
  });
});
