import { afterEach, expect, it } from "vitest";
import { batchKeys, type BatchState } from "@darkroom/core";
import { startRedis, until, type PrivateRedis } from "@darkroom/testkit";
import { COLOURS, colourPhoto, madeFrom, type Colour } from "../kit/colour-photos.ts";
import { startEngine, type Engine } from "../kit/engine.ts";
import { postTo } from "../kit/post-to.ts";
import { rememberDisk } from "../kit/remember-disk.ts";

let engine: Engine;
let redis: PrivateRedis | undefined;
afterEach(async () => {
  await engine.close();
  await redis?.close();
});

const NAMES = ["bob.jpg", "cid.jpg", "dan.jpg", "eve.jpg"] as const;
/** Sorts before all other names in a listing. */
const LATE = "abe.jpg";

function colourOfName(name: string): Colour {
  const place = [LATE, ...NAMES].indexOf(name);
  return COLOURS[place * 5] ?? [255, 255, 255];
}

async function putPhoto(name: string): Promise<void> {
  await engine.source.put(name, await colourPhoto(colourOfName(name)), { contentType: "image/jpeg" });
}

async function start(latencyMs: number | ((question: { readonly portrait: string }) => number)): Promise<void> {
  redis = await startRedis();
  engine = await startEngine({
    redisUrl: redis.url,
    workers: 0,
    producer: false,
    twin: { latencyMs, work: "light" },
    env: { DARKROOM_LANE_CONCURRENCY: "10" },
  });
  for (const name of NAMES) await putPhoto(name);
}

/**
 * Starts a batch, then makes Redis forget everything about it except its acceptance.
 *
 * @returns a function that brings Redis back
 */
async function beginForgotten(submit: () => Promise<string>) {
  if (redis === undefined) throw new Error("no Redis");
  const worker = await engine.spawnWorker();
  const producer = await engine.spawnProducer();
  producer.kill("SIGSTOP");
  const batch = await submit();
  const comeBack = await rememberDisk(redis, engine);
  producer.kill("SIGCONT");
  const called = (): number => Object.values(engine.twin.ledger().calls).flat().length;
  await until(() => called() === NAMES.length, { what: "a call for each photo", timeoutMs: 30_000 });
  return { batch, worker, producer, comeBack };
}

async function goOnWithoutWorker(): Promise<void> {
  await until(() => engine.twin.stats().running === 0, { what: "the provider to end", timeoutMs: 20_000 });
  await engine.spawnWorker();
}

/** Checks that each of these has a result made from its own photo. */
async function expectOwnFaces(names: readonly string[]): Promise<void> {
  const made = await Promise.all(names.map(async (name) => [name, await madeFrom(engine.results, name)] as const));
  expect(made).toEqual(names.map((name) => [name, colourOfName(name)]));
}

it.each([
  ["the worker lives", false],
  ["the worker has died", true],
])("reading a source again gives no portrait another person's picture: %s", { timeout: 180_000 }, async (_, dies) => {
  await start(1_500);
  const { batch, worker, comeBack } = await beginForgotten(() => engine.submit());
  if (dies) worker.kill("SIGKILL");
  await putPhoto(LATE);
  await comeBack();
  if (dies) await goOnWithoutWorker();
  const { counts, sourceNote } = await engine.ended(batch, 120_000);
  expect(counts).toMatchObject({ total: 5, succeeded: 5 });
  expect(sourceNote).toContain("1 added");
  await expectOwnFaces([LATE, ...NAMES]);
  // Pictures paid before the loss are found by portrait identity.
  expect(engine.twin.ledger().billed).toBe(5);
});

it("neither does a schedule whose second reading omits delivered photos", { timeout: 180_000 }, async () => {
  await start(({ portrait }) => (portrait.includes("bob") ? 100 : 4_000));
  const out = `${engine.root}out/`;
  const schedule = { id: "nightly", deliveredUrl: `${out}_darkroom/schedules/nightly/delivered/`, resultsUrl: out };
  const { batch, worker, comeBack } = await beginForgotten(() => engine.submit({}, schedule));
  const notes = engine.openStore(schedule.deliveredUrl);
  const isNoted = async (): Promise<boolean> => {
    for await (const _ of notes.list()) return true;
    return false;
  };
  await until(isNoted, { what: "a delivery that is noted" });
  worker.kill("SIGKILL");
  await comeBack();
  await goOnWithoutWorker();
  const { counts } = await engine.ended(batch, 120_000);
  expect(counts).toMatchObject({ total: 4, failed: 0 });
  await expectOwnFaces(NAMES);
  expect(engine.twin.ledger().billed).toBe(4);
});

it.each([
  ["the worker lives", false],
  ["the worker has died", true],
])("neither does a snapshot lost with the ledger's last writes: %s", { timeout: 180_000 }, async (_, dies) => {
  await start(1_500);
  const { batch, worker, producer, comeBack } = await beginForgotten(() => engine.submit());
  if (dies) worker.kill("SIGKILL");
  producer.kill("SIGSTOP");
  await putPhoto(LATE);
  await comeBack();
  for await (const { key } of engine.results.list({ prefix: batchKeys(batch).snapshotPrefix })) {
    await engine.results.delete(key);
  }
  producer.kill("SIGCONT");
  if (dies) await goOnWithoutWorker();
  const { counts } = await engine.ended(batch, 120_000);
  expect(counts).toMatchObject({ total: 5, succeeded: 5 });
  await expectOwnFaces([LATE, ...NAMES]);
  const lines = await engine.report(batch);
  expect(lines.map((line) => line["destination"])).toEqual(lines.map(({ id }) => id));
  expect(engine.twin.ledger().billed).toBe(5);
});

it(
  "neither does a batch recovered without its snapshot, by a worker that had read it",
  { timeout: 120_000 },
  async () => {
    redis = await startRedis();
    engine = await startEngine({ redisUrl: redis.url, twin: { latencyMs: 20, work: "light" } });
    for (const name of NAMES) await putPhoto(name);
    const batch = await engine.submit({ exclude: ["eve.jpg"], pilot: 1 });
    const isIn = async (state: BatchState): Promise<void> => {
      await until(async () => (await engine.ledger.read(batch))?.state === state, { what: state });
    };
    await isIn("awaiting_approval");
    await engine.redis.flushall();
    for await (const { key } of engine.results.list({ prefix: "_darkroom/" })) {
      if (key !== batchKeys(batch).spec) await engine.results.delete(key);
    }
    await putPhoto(LATE);
    await postTo(engine, "/recoveries", { destination: `${engine.root}out/` });
    await isIn("awaiting_confirmation");
    await postTo(engine, `/batches/${batch}/confirm`);
    await isIn("awaiting_approval");
    await postTo(engine, `/batches/${batch}/approve`);
    expect((await engine.ended(batch)).counts).toMatchObject({ total: 4, failed: 0 });
    await expectOwnFaces([LATE, "bob.jpg", "cid.jpg", "dan.jpg"]);
    const lines = await engine.report(batch);
    expect(lines.map((line) => line["destination"])).toEqual(lines.map(({ id }) => id));
  },
);
