import { symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { RESULT_METADATA, type ObjectStore, type Submission } from "@darkroom/core";
import { until } from "@darkroom/testkit";
import { startEngine, type Engine, type EngineOptions } from "../kit/engine.ts";
import { postTo } from "../kit/post-to.ts";

const hasS3 = process.env["DARKROOM_TEST_S3"] !== "off";
if (!hasS3) console.warn("DARKROOM_TEST_S3 is off: what lies at a destination on S3 is not looked at");
const STORES = hasS3 ? (["local", "s3"] as const) : (["local"] as const);

const BACKUP = Buffer.from("a photo that a person keeps here");

let engine: Engine;
let further: Engine | undefined;
afterEach(async () => {
  await further?.close();
  further = undefined;
  await engine.close();
});

async function start(options: EngineOptions, names: readonly string[]): Promise<void> {
  engine = await startEngine(options);
  await engine.addPhotos(names.length, (index) => names[index] ?? "");
}

/** Runs a batch to its end. */
async function run(overrides?: Partial<Submission>) {
  const batch = await engine.submit(overrides);
  const { counts } = await engine.ended(batch);
  return { batch, counts, lines: await engine.report(batch) };
}

async function bytesAt(store: ObjectStore, key: string): Promise<Buffer> {
  return Buffer.concat((await (await store.get(key)).body.toArray()) as Buffer[]);
}

const batchAt = async (key: string): Promise<string | undefined> =>
  (await engine.results.head(key))?.metadata[RESULT_METADATA.batch];
const billed = (): number => engine.twin.ledger().billed;
const MAX = { preset: "professional-polish", mode: "max" } as const;

describe.each(STORES)("an existing file at a destination, %s", (store) => {
  it("is not replaced if Darkroom did not make it; a retry delivers once it is moved away", async () => {
    await start({ store }, ["ada.jpg", "bob.jpg"]);
    await engine.results.put("ada.jpg", BACKUP, { contentType: "image/jpeg" });
    const { batch, counts, lines } = await run();
    expect(counts).toMatchObject({ succeeded: 1, failed: 1 });
    expect(lines[0]).toMatchObject({ outcome: "destination_taken", billed: "no", attempts: 0, retryable: true });
    expect(lines[0]?.message).toMatch(/^ada.jpg already exists: not made by Darkroom.*--overwrite/);
    expect(await bytesAt(engine.results, "ada.jpg")).toEqual(BACKUP);
    expect(billed()).toBe(1);
    await engine.results.delete("ada.jpg");
    await postTo(engine, `/batches/${batch}/retry`);
    await until(async () => (await engine.ledger.read(batch))?.counts.succeeded === 2, { what: "the retry" });
    expect(await batchAt("ada.jpg")).toBe(batch);
    expect(billed()).toBe(2);
  });

  it("is not replaced if it is another photo's result, unless that is ordered", async () => {
    await start({ store }, ["nord/a.jpg", "sued/a.jpg"]);
    const order = (source: string) => ({ rows: [{ source, destination: "chef.jpg" }], baseUrl: `${engine.root}in/` });
    const first = await run(order("nord/a.jpg"));
    const second = await run(order("sued/a.jpg"));
    expect(second.lines).toMatchObject([{ outcome: "destination_taken", billed: "no" }]);
    expect(second.lines[0]?.message).toContain(`another photo's result, portrait 0 of batch ${first.batch}`);
    expect(await batchAt("chef.jpg")).toBe(first.batch);
    expect(billed()).toBe(1);
    const third = await run({ ...order("sued/a.jpg"), overwrite: true });
    expect(third.counts).toMatchObject({ succeeded: 1 });
    expect(await batchAt("chef.jpg")).toBe(third.batch);
  });

  it("is not replaced where another recipe made it, unless that is ordered", async () => {
    await start({ store }, ["ada.jpg", "bob.jpg"]);
    const first = await run();
    const second = await run({ recipe: MAX });
    expect(second.lines).toMatchObject(Array(2).fill({ outcome: "destination_taken", billed: "no", attempts: 0 }));
    expect(second.lines[0]?.message).toContain(`this photo's result with another recipe, of batch ${first.batch}`);
    expect(second.lines[0]?.message).toContain("--remake");
    expect(await batchAt("ada.jpg")).toBe(first.batch);
    expect(billed()).toBe(2);
    expect((await run()).counts).toMatchObject({ skipped: 2 });
    const third = await run({ recipe: MAX, overwrite: "other-recipe" });
    expect(third.counts).toMatchObject({ succeeded: 2 });
    expect(await batchAt("ada.jpg")).toBe(third.batch);
  });

  it("is kept where that is ordered, and counts as no failure", async () => {
    const names = Array.from({ length: 12 }, (_, index) => `${index}.jpg`);
    await start({ store }, names);
    const { batch: maker } = await run();
    await engine.addPhotos(1, () => "new.jpg");
    const batch = await engine.submit({ recipe: MAX, overwrite: false, breaker: { failurePercent: 50, minimum: 10 } });
    const { state, counts, failures, leftBehind } = await engine.ended(batch);
    expect({ state, counts, failures, leftBehind }).toMatchObject({
      state: "completed",
      counts: { succeeded: 1, skipped: 12, failed: 0 },
      failures: {},
      leftBehind: {},
    });
    const lines = await engine.report(batch);
    expect(lines.filter(({ outcome }) => outcome === "kept")).toHaveLength(12);
    expect(lines[0]).toMatchObject({
      outcome: "kept",
      billed: "no",
      costUsd: 0,
      destination: "0.jpg",
      retryable: false,
    });
    expect(lines[0]?.message).toBe(`the order keeps this photo's result with another recipe, of batch ${maker}`);
    const view = await (await fetch(`${engine.api.url}/v1/batches/${batch}/portraits/0`)).json();
    expect(view).toMatchObject({ state: "skipped", outcome: { code: "kept" } });
    expect(await batchAt("0.jpg")).toBe(maker);
    expect(billed()).toBe(13);
  });

  it("is not kept for another photo's result or a foreign file", async () => {
    await start({ store }, ["nord/a.jpg", "sued/a.jpg"]);
    const order = (source: string) => ({ rows: [{ source, destination: "chef.jpg" }], baseUrl: `${engine.root}in/` });
    await run(order("nord/a.jpg"));
    const { lines } = await run({ ...order("sued/a.jpg"), recipe: MAX, overwrite: false });
    expect(lines).toMatchObject([{ outcome: "destination_taken" }]);
    await engine.results.put("chef.jpg", BACKUP);
    const foreign = await run({ ...order("nord/a.jpg"), recipe: MAX, overwrite: false });
    expect(foreign.lines).toMatchObject([{ outcome: "destination_taken" }]);
  });

  it("is replaced where the photo was, by the same recipe", async () => {
    await start({ store }, ["ada.jpg"]);
    await run();
    await engine.addPhotos(1, () => "bob.jpg");
    await engine.source.put("ada.jpg", await bytesAt(engine.source, "bob.jpg"), { contentType: "image/jpeg" });
    const { batch, lines } = await run();
    expect(lines).toMatchObject([{ outcome: "ok" }, { outcome: "ok" }]);
    expect(await batchAt("ada.jpg")).toBe(batch);
  });

  it("is not replaced if a user put their own over a result; an older result of the photo is", async () => {
    await start({ store }, ["ada.jpg", "bob.jpg"]);
    await run();
    // Simulates a tool that keeps a file's metadata, where the store keeps metadata in the object.
    const { metadata = {} } = (await engine.results.head("ada.jpg")) ?? {};
    await engine.results.put("ada.jpg", BACKUP, store === "s3" ? { metadata } : {});
    const { batch, lines } = await run({ recipe: MAX, overwrite: "other-recipe" });
    expect(lines).toMatchObject([{ outcome: "destination_taken", billed: "no" }, { outcome: "ok" }]);
    expect(await bytesAt(engine.results, "ada.jpg")).toEqual(BACKUP);
    expect(await batchAt("bob.jpg")).toBe(batch);
  });
});

it("that a user puts there during the call is kept, and the paid picture is kept for a retry", async () => {
  await start({ twin: { latencyMs: 2_000 } }, ["ada.jpg"]);
  const batch = await engine.submit();
  await until(() => engine.twin.stats().running === 1, { what: "the call" });
  await engine.results.put("ada.jpg", BACKUP);
  await engine.ended(batch);
  expect(await engine.report(batch)).toMatchObject([{ outcome: "destination_taken", billed: "yes" }]);
  expect(await bytesAt(engine.results, "ada.jpg")).toEqual(BACKUP);
  await engine.results.delete("ada.jpg");
  await postTo(engine, `/batches/${batch}/retry`);
  await until(async () => (await engine.ledger.read(batch))?.counts.succeeded === 1, { what: "the retry" });
  expect(await batchAt("ada.jpg")).toBe(batch);
  expect(billed()).toBe(1);
});

it("that is a cut of another result is not a result of its photo", async () => {
  await start({}, ["ada.jpg"]);
  const recipe = { ...MAX, output: { deliveries: [{ name: "linkedin" as const }] } };
  await run({ recipe });
  const batch = await engine.submit({ recipe: MAX, destination: `${engine.root}out/linkedin/` });
  expect((await engine.ended(batch)).failures).toEqual({ destination_taken: 1 });
  expect(billed()).toBe(1);
});

it("that is another portrait's cut is kept if its result was moved away", async () => {
  await start({}, ["nord/a.jpg", "sued/a.jpg"]);
  const order = (source: string) => ({
    rows: [{ source, destination: "chef.jpg" }],
    baseUrl: `${engine.root}in/`,
    recipe: { ...MAX, output: { deliveries: [{ name: "linkedin" as const }] } },
  });
  const first = await run(order("nord/a.jpg"));
  await engine.results.delete("chef.jpg");
  const { lines } = await run(order("sued/a.jpg"));
  expect(lines).toMatchObject([{ outcome: "ok" }]);
  expect(String(lines[0]?.["warnings"])).toContain("linkedin/chef.jpg already exists");
  expect(await batchAt("linkedin/chef.jpg")).toBe(first.batch);
});

it("that a user keeps there is not overwritten by a schedule's copy of an earlier result", async () => {
  await start({}, ["new/ada.jpg"]);
  const out = `${engine.root}out/`;
  const schedule = { id: "nightly", deliveredUrl: `${out}_darkroom/schedules/nightly/delivered/`, resultsUrl: out };
  await engine.ended(await engine.submit({}, schedule));
  await engine.source.put("old/ada.jpg", await bytesAt(engine.source, "new/ada.jpg"), { contentType: "image/jpeg" });
  await engine.results.put("old/ada.jpg", BACKUP);
  const { failures } = await engine.ended(await engine.submit({}, schedule));
  expect(failures).toEqual({ destination_taken: 1 });
  expect(await bytesAt(engine.results, "old/ada.jpg")).toEqual(BACKUP);
  expect(billed()).toBe(1);
});

it("the simulator's picture satisfies no real order, and a real one is kept when the simulator runs", async () => {
  await start({}, ["ada.jpg"]);
  const places = { source: `${engine.root}in/`, destination: `${engine.root}out/` };
  further = await startEngine({
    env: { DARKROOM_LOCAL_ROOTS: tmpdir(), DARKROOM_TWIN: "false", DARKROOM_DEADLINE_MS: "600000" },
  });
  await run();
  const real = await further.submit(places);
  expect((await further.ended(real)).counts).toMatchObject({ succeeded: 1 });
  expect(further.twin.ledger().billed).toBe(1);
  expect(await batchAt("ada.jpg")).toBe(real);
  expect((await run()).counts).toMatchObject({ skipped: 1 });
  const { lines } = await run({ recipe: MAX });
  expect(lines).toMatchObject([{ outcome: "destination_taken" }]);
  expect(lines[0]?.message).toContain("a paid result of this photo");
  expect(await batchAt("ada.jpg")).toBe(real);
});

describe("a destination behind a symbolic link", () => {
  const link = async (to: string): Promise<string> => {
    const folder = fileURLToPath(engine.root);
    await symlink(`${folder}${to}`, `${folder}link`);
    return `${engine.root}link/`;
  };

  it("never replaces the photos, whatever the order", async () => {
    await start({}, ["ada.jpg"]);
    const photo = await bytesAt(engine.source, "ada.jpg");
    const order = { destination: await link("in"), overwrite: true };
    await expect(engine.submit(order)).rejects.toMatchObject({ code: "invalid_input", field: "destination" });
    const rows = { ...order, rows: [{ source: "ada.jpg" }], baseUrl: `${engine.root}in/` };
    const { failures } = await engine.ended(await engine.submit(rows));
    expect(failures).toEqual({ invalid_row: 1 });
    expect(await bytesAt(engine.source, "ada.jpg")).toEqual(photo);
    expect(billed()).toBe(0);
  });

  it("is the same as the folder: two batches pay once", { timeout: 90_000 }, async () => {
    await start({ twin: { latencyMs: 500 } }, ["ada.jpg", "bob.jpg"]);
    await engine.results.put("note.txt", BACKUP);
    const ids = [await engine.submit(), await engine.submit({ destination: await link("out") })];
    for (const id of ids) expect((await engine.ended(id)).failures).toEqual({});
    expect(billed()).toBe(2);
  });
});
