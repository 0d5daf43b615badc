import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readControlFile, writeControlFile } from "@darkroom/archive";
import { BATCH_FORMAT, type Control, MICRO, batchKeys, newBatchId, resolveRecipe } from "@darkroom/core";
import { Bus, Ledger } from "@darkroom/ledger";
import { closeRedis, connectRedis, type RedisConnection } from "@darkroom/redis-kit";
import { openStores, type Stores } from "@darkroom/storage";
import { createLogger } from "@darkroom/runtime";
import { tempFolder, testNamespace, testRedisUrl, type TempFolder } from "@darkroom/testkit";
import { adoptControl } from "./adopt-control.ts";

const namespace = testNamespace();
let redis: RedisConnection;
let folder: TempFolder;
let stores: Stores;
let ledger: Ledger;
let bus: Bus;
beforeAll(async () => {
  redis = connectRedis({ url: testRedisUrl(), name: "adopt-control-test", onError: () => undefined });
  folder = await tempFolder();
  stores = openStores({ s3: {}, local: { roots: [folder.path], linkSecret: "test" } });
  ledger = new Ledger(redis, namespace);
  bus = new Bus(redis, redis, namespace);
});
afterAll(async () => {
  await stores.close();
  await closeRedis(redis);
  await folder.remove();
});

/** A running batch of two portraits, and helpers that change it. */
async function batch(wished: Control = {}) {
  const id = newBatchId();
  const recipe = resolveRecipe({ preset: "professional-polish", mode: "eco" });
  const url = pathToFileURL(`${folder.path}/`).href;
  await ledger.create({
    format: BATCH_FORMAT,
    id,
    createdAt: new Date().toISOString(),
    source: { kind: "prefix", url: `${url}in/` },
    destination: { url: `${url}out/` },
    recipe,
    lane: "twin",
    prices: {},
    control: wished,
  });
  const fence = await ledger.beginIngest(id);
  await ledger.countPart(id, { fence, part: 0, rows: 2, rejected: [], end: {} });
  const read = async () => {
    const record = await ledger.read(id);
    if (record === undefined) throw new Error("the batch is gone");
    return record;
  };
  const meta = `${namespace}:{${id}}:meta`;
  const putFile = async (): Promise<void> => await writeControlFile(stores.open(`${url}out/`), await read());
  return {
    id,
    read,
    putFile,
    /** Performs a producer's work of one tick. */
    note: async (): Promise<void> => {
      await putFile();
      await ledger.control.storedRevision(id, (await read()).revision);
    },
    /** Makes a change, writes its control file, and then makes Redis lose both. */
    forget: async (acts: () => Promise<unknown>): Promise<void> => {
      const before = await redis.dumpBuffer(meta);
      await acts();
      await putFile();
      await redis.restore(meta, 0, before, "REPLACE");
    },
    adopt: async (): Promise<boolean> => {
      const log = createLogger({ level: "silent", name: "test" });
      return await adoptControl({ ledger, bus, openStore: stores.open, log }, id);
    },
  };
}

test("stops a batch again if Redis has forgotten the stop, regardless of later changes", async () => {
  const { id, read, forget, adopt } = await batch();
  await forget(() => ledger.control.cancel(id, "wrong folder"));
  await ledger.control.pause(id, "lunch");
  await ledger.control.resume(id);
  expect(await adopt()).toBe(true);
  expect(await read()).toMatchObject({
    cancelled: true,
    endsRunning: true,
    stopCode: "cancelled",
    reason: "wrong folder",
  });
  expect(await adopt()).toBe(false);
});

test("does not stop again what a retry reopened", async () => {
  const { id, read, note, adopt } = await batch();
  await ledger.control.cancel(id, "wrong folder");
  await note();
  await ledger.endBatch(id, (await ledger.beginFinish(id)) ?? -1, "cancelled");
  await ledger.control.beginRound(id, { at: Date.now(), codes: ["cancelled"], recipe: (await read()).spec.recipe });
  expect(await adopt()).toBe(false);
  expect(await read()).toMatchObject({ cancelled: false, state: "running" });
});

test("keeps the number of a round that Redis has forgotten, which opens nothing; the next one gets another", async () => {
  const { id, read, forget, adopt } = await batch();
  const recipe = { ...(await read()).spec.recipe, mode: "max" as const };
  await forget(() => ledger.control.beginRound(id, { at: 1, codes: ["no_face"], recipe }));
  expect((await read()).rounds).toEqual([]);
  expect(await adopt()).toBe(true);
  expect(await read()).toMatchObject({ round: 1, reopening: undefined });
  expect((await read()).rounds).toEqual([{ number: 1, at: 1, codes: [], recipe, opened: 0 }]);
  expect(await adopt()).toBe(false);
  expect(await ledger.control.beginRound(id, { at: 2, codes: ["no_face"], recipe })).toMatchObject({ number: 2 });
  expect(await adopt()).toBe(false);
});

test("renumbers a round that has a forgotten round's number before it is opened", async () => {
  const { id, read, note, forget, adopt } = await batch();
  const { recipe } = (await read()).spec;
  // The later rounds have different changes.
  const round = (at: number) => ({
    at,
    codes: ["cancelled" as const],
    recipe: at === 1 ? recipe : { ...recipe, mode: "max" as const },
  });
  await ledger.control.cancel(id, "wrong folder");
  await ledger.endBatch(id, (await ledger.beginFinish(id)) ?? -1, "cancelled");
  await note();
  await forget(async () => {
    await ledger.control.beginRound(id, round(1), { more: [round(1)] });
    await ledger.control.cancel(id, "wrong recipe");
  });
  await ledger.control.beginRound(id, round(2), { more: [round(2)] });
  expect(await read()).toMatchObject({ round: 2, baseRound: 1, reopening: 1 });
  expect(await adopt()).toBe(true);
  const record = await read();
  expect(record).toMatchObject({ round: 4, baseRound: 3, reopening: 3, cancelled: false, counts: { pending: 2 } });
  expect(record.rounds.map(({ number, at, codes, opened }) => [number, at, codes, opened])).toEqual([
    [1, 1, [], 0],
    [2, 1, [], 0],
    [3, 2, ["cancelled"], 2],
    [4, 2, ["cancelled"], 0],
  ]);
  expect(await adopt()).toBe(false);
});

test("recognizes a round that repeats a forgotten one of the same number", async () => {
  const { id, read, note, forget, adopt } = await batch();
  const { recipe } = (await read()).spec;
  const other = { ...recipe, mode: "max" as const };
  await forget(() =>
    ledger.control.beginRound(
      id,
      { at: 1, codes: ["no_face"], recipe },
      {
        more: [{ at: 1, codes: ["no_face"], recipe: other }],
      },
    ),
  );
  await ledger.control.beginRound(id, { at: 2, codes: ["cancelled"], recipe });
  const before = await read();
  expect(await adopt()).toBe(true);
  const record = await read();
  expect(record.rounds).toEqual([
    { ...before.rounds[0], again: true },
    { number: 2, at: 1, codes: [], recipe: other, opened: 0 },
  ]);
  expect(record).toMatchObject({ round: 2, reopening: 1 });
  expect(record.revision).toBeGreaterThan(before.revision);
  await note();
  expect(await adopt()).toBe(false);
});

test("pauses again, but not a batch that was resumed since", async () => {
  const { id, read, note, forget, adopt } = await batch();
  await forget(() => ledger.control.pause(id, "lunch"));
  expect(await adopt()).toBe(true);
  expect(await read()).toMatchObject({ state: "paused", pausedBy: "person", reason: "lunch" });
  await note();
  await ledger.control.resume(id);
  expect(await adopt()).toBe(false);
  expect(await read()).toMatchObject({ state: "running" });
});

test("resumes a batch that was resumed with a higher budget", async () => {
  const { id, read, note, forget, adopt } = await batch({ maxCostUsd: 1 });
  await ledger.control.pause(id, "the budget", { by: "budget" });
  await note();
  await forget(() => ledger.control.resume(id, 5 * MICRO));
  expect(await adopt()).toBe(true);
  expect(await read()).toMatchObject({ state: "running", maxCostUsd: 5 });
});

test("keeps a lower budget, whether it was set in a pause or while the batch ran", async () => {
  const inPause = await batch({ maxCostUsd: 9 });
  await ledger.control.pause(inPause.id, "too dear");
  await inPause.note();
  await inPause.forget(() => ledger.control.resume(inPause.id, 2 * MICRO));
  expect(await inPause.adopt()).toBe(true);
  expect(await inPause.read()).toMatchObject({ state: "running", maxCostUsd: 2 });
  const running = await batch({ maxCostUsd: 9 });
  await running.note();
  await running.forget(() => ledger.control.resume(running.id, 2 * MICRO));
  expect(await running.adopt()).toBe(true);
  expect(await running.read()).toMatchObject({ state: "running", maxCostUsd: 2 });
});

test("does not resume a batch that was paused after Redis came back", async () => {
  const { id, read, forget, adopt } = await batch();
  await forget(async () => {
    await ledger.control.pause(id, "lunch");
    await ledger.control.resume(id);
  });
  await ledger.control.pause(id, "for good");
  await adopt();
  expect(await read()).toMatchObject({ state: "paused", reason: "for good" });
});

test("continues with Redis's state if the file is damaged", async () => {
  const { id, read, forget, adopt } = await batch();
  await forget(() => ledger.control.pause(id, "lunch"));
  await stores.open((await read()).spec.destination.url).put(batchKeys(id).control(1), Buffer.from('{"revision": 1,'));
  expect(await adopt()).toBe(false);
  expect(await read()).toMatchObject({ state: "running" });
});

test("keeps the chosen pilot", async () => {
  const { id, read, forget, adopt } = await batch({ pilot: 1 });
  await forget(() => ledger.control.choosePilot(id, [1]));
  await adopt();
  expect(await read()).toMatchObject({ pilot: 1, pilotPicks: [1] });
});

test("ranks changes after a loss above forgotten ones", async () => {
  const { id, read, note, forget, adopt } = await batch();
  await forget(async () => {
    await ledger.control.pause(id, "lunch");
    await ledger.control.resume(id);
    await ledger.control.pause(id, "lunch again");
  });
  await adopt();
  await ledger.control.resume(id);
  await note();
  expect((await read()).revision).toBeGreaterThan(3);
  const file = await readControlFile(stores.open((await read()).spec.destination.url), id);
  expect(file).toMatchObject({ revision: (await read()).revision });
  expect(file).not.toHaveProperty("paused");
});

test("a revision that Redis has forgotten does not count as written", async () => {
  const { id, read } = await batch();
  await ledger.control.pause(id, "lunch");
  expect(await ledger.control.storedRevision(id, 7)).toBe(1);
  expect(await read()).toMatchObject({ revision: 1, storedRevision: 0 });
});
