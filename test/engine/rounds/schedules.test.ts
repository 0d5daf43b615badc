import { mkdir } from "node:fs/promises";
import { afterEach, expect, it } from "vitest";
import { RESULT_METADATA, type FeedEvent, type ObjectStore, type RecipeInput } from "@darkroom/core";
import { FEED_START, Schedules, type BatchRecord } from "@darkroom/ledger";
import { until } from "@darkroom/testkit";
import { startEngine, type Engine, type EngineOptions } from "../kit/engine.ts";
import { runSchedule } from "../kit/run-schedule.ts";

const hasS3 = process.env["DARKROOM_TEST_S3"] !== "off";
if (!hasS3) console.warn("DARKROOM_TEST_S3 is off: a moved photo's result is not copied on S3");
const STORES = hasS3 ? (["local", "s3"] as const) : (["local"] as const);

let engine: Engine;
let schedules: Schedules;
let lastRun: string | undefined;

async function start(options?: EngineOptions): Promise<void> {
  engine = await startEngine(options);
  schedules = new Schedules(engine.redis, engine.settings.redis.namespace);
  lastRun = undefined;
}

afterEach(async () => {
  await engine.close();
});

const ECO: RecipeInput = { preset: "professional-polish", mode: "eco", retry: { attempts: 1 } };

/** Creates the schedule "nightly", replacing an existing one. */
async function schedule(
  destination: string,
  recipe: RecipeInput = ECO,
  timeZone = "Europe/Berlin",
  source = "",
): Promise<void> {
  await schedules.remove("nightly");
  await schedules.create({
    id: "nightly",
    cron: "0 2 1 1 *",
    timeZone,
    createdAt: new Date().toISOString(),
    submission: {
      source: `${engine.root}in/${source}`,
      destination: `${engine.root}${destination}`,
      recipe,
      overwrite: "other-recipe",
    },
  });
}

/** Runs one occurrence of a schedule that is recreated for it. */
async function night(...parts: Parameters<typeof schedule>): Promise<BatchRecord> {
  await schedule(...parts);
  lastRun = await runSchedule(engine, "nightly");
  return await engine.ended(lastRun);
}

async function bytesOf(key: string): Promise<Buffer> {
  const { body } = await engine.source.get(key);
  return Buffer.concat((await body.toArray()) as Buffer[]);
}

async function fingerprintAt(key: string): Promise<string | undefined> {
  return (await engine.results.head(key))?.metadata[RESULT_METADATA.fingerprint];
}

async function keysOf(store: ObjectStore): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list()) keys.push(key);
  return keys;
}

const billed = (): number => engine.twin.ledger().billed;

it("treats no result of an earlier night as a photo", { timeout: 60_000 }, async () => {
  await start();
  await engine.addPhotos(3);
  // Two days at once, because the dateline is between these zones.
  expect((await night("in/enhanced/{date}/", ECO, "Pacific/Niue")).counts).toMatchObject({ total: 3, succeeded: 3 });
  expect((await night("in/enhanced/{date}/", ECO, "Pacific/Kiritimati")).counts.total).toBe(0);
  expect(billed()).toBe(3);
});

it("enhances a photo or recipe again after another result has overwritten its own", { timeout: 60_000 }, async () => {
  await start();
  await engine.addPhotos(1);
  const original = await bytesOf("p00000.jpg");
  const made: (string | undefined)[] = [];
  const run = async (recipe = ECO): Promise<void> => {
    expect((await night("out/", recipe)).counts).toMatchObject({ total: 1, succeeded: 1 });
    made.push(await fingerprintAt("p00000.jpg"));
  };
  await run();
  await engine.source.put("p00000.jpg", Buffer.concat([original, Buffer.from("#other")]));
  await run();
  await engine.source.put("p00000.jpg", original);
  await run();
  await run({ ...ECO, mode: "max" });
  await run();
  expect(made[2]).toBe(made[0]);
  expect(made[4]).toBe(made[0]);
  expect(new Set(made).size).toBe(3);
  expect((await night("out/")).counts.total).toBe(0);
  expect(billed()).toBe(5);
});

it("delivers one photo to both of its keys, and pays once", { timeout: 60_000 }, async () => {
  await start();
  await engine.addPhotos(1, () => "anna/portrait.jpg");
  expect((await night("out/")).counts).toMatchObject({ total: 1, succeeded: 1 });
  await engine.source.put("event/portrait.jpg", await bytesOf("anna/portrait.jpg"));
  expect((await night("out/")).counts).toMatchObject({ total: 1, skipped: 1 });
  const print = await fingerprintAt("anna/portrait.jpg");
  expect(print).toBeDefined();
  expect(await fingerprintAt("event/portrait.jpg")).toBe(print);
  expect(await engine.report(lastRun ?? "")).toMatchObject([
    { outcome: "already_delivered", destination: "event/portrait.jpg" },
  ]);
  expect((await night("out/")).counts.total).toBe(0);
  expect(billed()).toBe(1);
});

it.each(STORES)(
  "copies the result of a moved photo from another day's folder, and enhances it again if that is gone: %s",
  { timeout: 60_000 },
  async (store) => {
    await start({ store });
    await engine.addPhotos(2, (index) => `new/${index}.jpg`);
    const first = await night("out/{date}/", ECO, "Pacific/Niue");
    expect(first.counts).toMatchObject({ succeeded: 2 });
    for (const name of ["0.jpg", "1.jpg"]) {
      await engine.source.put(`old/${name}`, await bytesOf(`new/${name}`));
      await engine.source.delete(`new/${name}`);
    }
    await engine.openStore(first.spec.destination.url).delete("new/1.jpg");
    const second = await night("out/{date}/", ECO, "Pacific/Kiritimati");
    expect(second.counts).toMatchObject({ total: 2, skipped: 1, succeeded: 1 });
    expect(second.spec.destination.url).not.toBe(first.spec.destination.url);
    const results = engine.openStore(second.spec.destination.url);
    const [copied, before] = await Promise.all([
      results.head("old/0.jpg"),
      engine.openStore(first.spec.destination.url).head("new/0.jpg"),
    ]);
    expect(copied?.etag).toBe(before?.etag);
    expect(await results.head("old/1.jpg")).toBeDefined();
    expect((await night("out/{date}/", ECO, "Pacific/Kiritimati")).counts.total).toBe(0);
    expect(billed()).toBe(3);
  },
);

it("keeps a result that a retry made with another recipe, until the photo changes", { timeout: 60_000 }, async () => {
  await start({ twin: { faults: [{ match: { call: 1 }, fault: "no_output" }] } });
  await engine.addPhotos(1);
  const original = await bytesOf("p00000.jpg");
  const first = await night("out/");
  expect(first.counts).toMatchObject({ failed: 1 });
  const again = await fetch(`${engine.api.url}/v1/batches/${first.spec.id}/retry`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ codes: Object.keys(first.failures), recipe: { mode: "max" } }),
  });
  expect(again.status).toBeLessThan(300);
  await until(async () => (await engine.ledger.read(first.spec.id))?.counts.succeeded === 1, { what: "the rescue" });
  const rescued = await fingerprintAt("p00000.jpg");
  const paid = billed();
  await engine.ended(first.spec.id);
  expect((await night("out/")).counts.total).toBe(0);
  expect(await fingerprintAt("p00000.jpg")).toBe(rescued);

  // The last night's notes may be lost, for example when a worker dies. The result itself also contains the data.
  const notes = engine.openStore(`${engine.root}out/_darkroom/schedules/nightly/delivered/`);
  for (const key of await keysOf(notes)) await notes.delete(key);
  expect((await night("out/")).counts).toMatchObject({ total: 1, skipped: 1 });
  expect((await night("out/")).counts.total).toBe(0);
  expect(billed()).toBe(paid);

  await engine.source.put("p00000.jpg", Buffer.concat([original, Buffer.from("#other")]));
  expect((await night("out/")).counts).toMatchObject({ total: 1, succeeded: 1 });
  await engine.source.put("p00000.jpg", original);
  expect((await night("out/")).counts).toMatchObject({ total: 1, succeeded: 1 });
  expect(await fingerprintAt("p00000.jpg")).not.toBe(rescued);
});

it(
  "accepts a manifest as its source, reads it again at each run, and pays for each row once",
  { timeout: 60_000 },
  async () => {
    await start();
    await engine.addPhotos(3);
    const write = async (names: readonly string[]): Promise<void> => {
      const text = ["source,id", ...names.map((name) => `${name},${name.replace(".jpg", "")}`)].join("\n");
      await engine.source.put("team.csv", Buffer.from(`${text}\n`), { contentType: "text/csv" });
    };
    await schedule("out/", ECO, "Europe/Berlin", "team.csv");
    const run = async (): Promise<BatchRecord> => await engine.ended(await runSchedule(engine, "nightly"));
    await write(["p00000.jpg", "p00001.jpg"]);
    expect((await run()).counts).toMatchObject({ total: 2, succeeded: 2 });
    await write(["p00001.jpg", "p00000.jpg", "p00002.jpg"]);
    expect((await run()).counts).toMatchObject({ total: 3, succeeded: 1, skipped: 2 });
    expect(billed()).toBe(3);
    const { runs } = (await (await fetch(`${engine.api.url}/v1/schedules/nightly`)).json()) as { runs: unknown };
    expect(runs).toMatchObject([
      { found: { portraits: 3 }, did: { succeeded: 1, skipped: 2 }, cost: { costUsd: expect.any(Number) as number } },
      { found: { portraits: 2 }, did: { succeeded: 2, skipped: 0 }, cost: { costUsd: expect.any(Number) as number } },
    ]);
  },
);

it(
  "reports in the feed that a schedule's batch is stuck, why, and that it continues",
  { timeout: 60_000 },
  async () => {
    await start({ twin: { latencyMs: 200 }, env: { DARKROOM_LANE_CONCURRENCY: "1" } });
    await engine.addPhotos(5);
    await schedule("out/");
    const id = await runSchedule(engine, "nightly");
    await engine.ledger.control.pause(id, "the colours are wrong");
    const told = async (): Promise<readonly FeedEvent[]> => {
      const { events } = await engine.ledger.feed.read(FEED_START, 1_000);
      return events.map(({ event }) => event).filter(({ type }) => type.startsWith("schedule."));
    };
    await until(async () => (await told()).length === 1, { what: "the stuck batch", timeoutMs: 30_000 });
    await engine.ledger.control.resume(id);
    await engine.ended(id);
    await until(async () => (await told()).length === 2, { what: "its end", timeoutMs: 30_000 });
    expect(await told()).toMatchObject([
      { type: "schedule.stuck", data: { batch: id, reason: "paused", message: "the colours are wrong" } },
      { type: "schedule.unstuck", data: { schedule: "nightly", batch: id } },
    ]);
  },
);

it("fails the run of a missing folder, and reports an empty one as empty", async () => {
  await start();
  const missing = await night("out/");
  expect(missing).toMatchObject({
    state: "failed",
    reason: expect.stringMatching(/in\/ does not exist: .*mounted/) as string,
  });
  await mkdir(new URL(engine.source.url), { recursive: true });
  const empty = await night("out/");
  expect(empty).toMatchObject({
    state: "completed",
    reason: expect.stringContaining("the folder is empty or does not exist") as string,
  });
  const shown = (await (await fetch(`${engine.api.url}/v1/schedules/nightly`)).json()) as object;
  expect(shown).toMatchObject({ lastRun: { outcome: "completed", message: empty.reason } });
});

it(
  "reports why a requested run created no batch, and creates it once the store is back",
  { timeout: 60_000 },
  async () => {
    await start({
      env: { AWS_ENDPOINT_URL_S3: "http://127.0.0.1:1", AWS_ACCESS_KEY_ID: "nobody", AWS_SECRET_ACCESS_KEY: "nothing" },
    });
    await engine.addPhotos(1);
    await schedule("out/");
    const nightly = await schedules.read("nightly");
    if (nightly === undefined) throw new Error("there is no schedule");
    await schedules.remove("nightly");
    await schedules.create({ ...nightly, submission: { ...nightly.submission, destination: "s3://photos/out/" } });
    const run = async () => await fetch(`${engine.api.url}/v1/schedules/nightly/run`, { method: "POST" });
    const refused = await run();
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({
      code: "storage_unavailable",
      detail: expect.stringMatching(/^The run of schedule "nightly" created no batch: .*s3:\/\/photos\/out/) as string,
    });
    expect((await schedules.read("nightly"))?.runs).toMatchObject([{ outcome: "failed", code: "storage_unavailable" }]);
    await schedule("out/");
    const ordered = await run();
    expect(ordered.status).toBe(202);
    const { batchId } = (await ordered.json()) as { batchId: string };
    expect((await fetch(`${engine.api.url}/v1/batches/${batchId}`)).status).toBe(200);
    expect((await engine.ended(batchId)).counts).toMatchObject({ total: 1, succeeded: 1 });
  },
);
