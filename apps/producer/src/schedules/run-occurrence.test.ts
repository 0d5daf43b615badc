import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { laneNames, readEngineSettings } from "@darkroom/config";
import {
  BATCH_FORMAT,
  newBatchId,
  resolveRecipe,
  type BatchSpec,
  type ObjectStore,
  type OpenStore,
} from "@darkroom/core";
import { Bus, CLAIM_VOID_MS, Ledger, Schedules, type Schedule } from "@darkroom/ledger";
import { closeRedis, connectRedis, serverNow } from "@darkroom/redis-kit";
import { openStores } from "@darkroom/storage";
import { tempFolder, testNamespace, testRedisUrl, until } from "@darkroom/testkit";
import { deliveredUrl, runName, runOccurrence, type TickContext } from "./run-occurrence.ts";

type Parts = Awaited<ReturnType<typeof openParts>>;
let parts: Parts;
beforeEach(async () => void (parts = await openParts()));
afterEach(async () => await parts.close());

test("of two simultaneous ticks, one creates a batch, and the other reports it", async () => {
  const { context, ledger } = parts;
  const now = new Date();
  await Promise.all([runOccurrence(context, "nightly", now), runOccurrence(context, "nightly", now)]);
  const [batchId, ...others] = await ledger.activeBatches();
  expect(others).toEqual([]);
  expect((await parts.schedule())?.lastRun).toMatchObject({ batchId });
  await runOccurrence(context, "nightly", now);
  const message = `batch ${batchId} of this schedule has not ended`;
  expect((await parts.schedule())?.lastRun).toMatchObject({ batchId, outcome: "skipped_overlap", message });
  expect(await ledger.activeBatches()).toEqual([batchId]);
});

test("a producer that resumes after its claim expired creates no second batch", async () => {
  const { context, ledger } = parts;
  const frozen = parts.frozen();
  const thawing = runOccurrence(frozen.context, "nightly", new Date());
  await until(() => frozen.isReached(), { what: "the freeze" });
  const claim = (await parts.schedule())?.claim;
  if (claim === undefined) throw new Error("nothing was claimed");

  await runOccurrence(context, "nightly", new Date());
  const message = `batch ${claim.batchId} of this schedule is being started`;
  expect((await parts.schedule())?.lastRun).toMatchObject({ outcome: "skipped_overlap", message });
  expect(await ledger.activeBatches()).toEqual([]);

  await parts.ageClaim();
  await runOccurrence(context, "nightly", new Date());
  const [made] = await ledger.activeBatches();
  const after = await parts.schedule();
  expect(after?.lastRun).toMatchObject({ batchId: made, outcome: "started" });

  frozen.thaw();
  await expect(thawing).rejects.toMatchObject({ code: "conflict" });
  expect(await ledger.activeBatches()).toEqual([made]);
  expect(await parts.schedule()).toEqual(after);
});

test("a producer that stalls between its last check and its batch creates no second batch", async () => {
  const { context, ledger } = parts;
  const [reached, freeze] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const create: Ledger["create"] = async (...given) => {
    reached.resolve();
    await freeze.promise;
    return await ledger.create(...given);
  };
  const thawing = runOccurrence({ ...context, ledger: withOwn(ledger, "create", create) }, "nightly", new Date());
  await reached.promise;
  await parts.ageClaim();
  await runOccurrence(context, "nightly", new Date());
  const [made] = await ledger.activeBatches();
  const after = await parts.schedule();
  expect(after?.lastRun).toMatchObject({ batchId: made, outcome: "started" });
  freeze.resolve();
  await expect(thawing).rejects.toMatchObject({ code: "conflict" });
  expect(await ledger.activeBatches()).toEqual([made]);
  expect(await parts.schedule()).toEqual(after);
});

test("a tick that is redelivered after its producer died creates its batch without delay", async () => {
  const { context, ledger } = parts;
  const frozen = parts.frozen();
  const first = runOccurrence(frozen.context, "nightly", new Date(), { id: "tick-1" });
  await until(() => frozen.isReached(), { what: "the freeze" });
  await runOccurrence(context, "nightly", new Date(), { id: "tick-2" });
  expect((await parts.schedule())?.lastRun).toMatchObject({ outcome: "skipped_overlap" });
  await runOccurrence(context, "nightly", new Date(), { id: "tick-1" });
  const [made] = await ledger.activeBatches();
  expect((await parts.schedule())?.lastRun).toMatchObject({ batchId: made, outcome: "started" });
  frozen.thaw();
  await expect(first).rejects.toMatchObject({ code: "conflict" });
  expect(await ledger.activeBatches()).toEqual([made]);
});

test("only the tick of a requested run creates the batch that the request has claimed", async () => {
  const { context, ledger, schedules } = parts;
  const batchId = newBatchId();
  await schedules.claimRun("nightly", { batchId, at: serverNow() }, undefined);
  await runOccurrence(context, "nightly", new Date(), { id: "tick-1" });
  expect((await parts.schedule())?.lastRun).toMatchObject({ outcome: "skipped_overlap", batchId });
  await runOccurrence(context, "nightly", new Date(), { id: "tick-2", batchId });
  expect(await ledger.activeBatches()).toEqual([batchId]);
  expect((await parts.schedule())?.lastRun).toMatchObject({ outcome: "started", batchId });
});

test("a schedule that is deleted while its run starts creates no batch and stays deleted", async () => {
  const { ledger, schedules } = parts;
  const frozen = parts.frozen();
  const ticking = runOccurrence(frozen.context, "nightly", new Date());
  await until(() => frozen.isReached(), { what: "the freeze" });
  await schedules.remove("nightly");
  frozen.thaw();
  await expect(ticking).rejects.toMatchObject({ code: "conflict" });
  expect([await ledger.activeBatches(), await schedules.list()]).toEqual([[], []]);
});

test("a run that fails blocks no later run", async () => {
  const { context, ledger } = parts;
  const failing: TickContext = { ...context, openStore: () => parts.brokenStore() };
  await expect(runOccurrence(failing, "nightly", new Date())).rejects.toThrow("the disk is gone");
  expect((await parts.schedule())?.lastRun).toMatchObject({ outcome: "failed", message: "the disk is gone" });
  await runOccurrence(context, "nightly", new Date());
  expect(await ledger.activeBatches()).toHaveLength(1);
});

test("a recreated schedule waits for a batch that was restored after Redis was emptied", async () => {
  const { context, ledger } = parts;
  const schedule = await parts.schedule();
  if (schedule === undefined) throw new Error("there is no schedule");
  const spec: BatchSpec = {
    format: BATCH_FORMAT,
    id: newBatchId(),
    createdAt: new Date().toISOString(),
    source: { kind: "prefix", url: String(schedule.submission.source) },
    destination: { url: schedule.submission.destination },
    recipe: resolveRecipe({ preset: "professional-polish", mode: "eco" }),
    lane: "twin",
    prices: {},
    schedule: { id: "nightly", deliveredUrl: deliveredUrl(schedule), resultsUrl: schedule.submission.destination },
  };
  await ledger.create(spec);
  await runOccurrence(context, "nightly", new Date());
  expect(await ledger.activeBatches()).toEqual([spec.id]);
  const after = await parts.schedule();
  expect(after?.lastRun).toMatchObject({ batchId: spec.id, outcome: "skipped_overlap" });
  expect(after?.claim).toBeUndefined();
});

test("a tenant's schedule makes the tenant's batches, within what its key may read", async () => {
  const { context, ledger, schedules } = parts;
  const { id: _, ...nightly } = (await parts.schedule()) ?? {};
  const within = ["s3://acme/raw/"];
  await schedules.create({ ...(nightly as Schedule), id: "acme.nightly", tenant: "acme", within });
  await expect(runOccurrence(context, "acme.nightly", new Date())).rejects.toMatchObject({ code: "forbidden" });
  expect(await ledger.activeBatches()).toEqual([]);
  const folder = String((await parts.schedule())?.submission.source);
  await schedules.create({ ...(nightly as Schedule), id: "acme.hourly", tenant: "acme", within: [folder] });
  await runOccurrence(context, "acme.hourly", new Date());
  const [batchId = ""] = await ledger.activeBatches();
  expect((await ledger.read(batchId))?.spec).toMatchObject({ tenant: "acme", schedule: { id: "acme.hourly" } });
  expect((await schedules.list("acme")).map(({ id }) => id)).toEqual(["acme.hourly", "acme.nightly"]);
  expect((await schedules.list("default")).map(({ id }) => id)).toEqual(["nightly"]);
});

/** Returns the same object with one method replaced. */
function withOwn<T extends object, K extends keyof T>(target: T, method: K, own: T[K]): T {
  return new Proxy(target, {
    get: (_, name) => {
      if (name === method) return own;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** A schedule `nightly` and the context of its occurrences. */
async function openParts() {
  const [namespace, folder] = [testNamespace(), await tempFolder()];
  const settings = readEngineSettings({
    REDIS_URL: testRedisUrl(),
    DARKROOM_NAMESPACE: namespace,
    DARKROOM_TWIN: "true",
    EACHLABS_BASE_URL: "http://127.0.0.1:9",
    EACHLABS_API_KEY: "of-no-use",
    DARKROOM_LOCAL_ROOTS: folder.path,
    DARKROOM_LINK_SECRET: "a secret of this test",
  });
  const redis = connectRedis({ url: settings.redis.url, name: "tick-test", onError: () => undefined });
  const stores = openStores({ s3: {}, local: settings.local });
  const ledger = new Ledger(redis, namespace);
  const schedules = new Schedules(redis, namespace);
  const context: TickContext = {
    ledger,
    schedules,
    bus: new Bus(redis, redis, namespace),
    openStore: stores.open,
    lanes: laneNames(settings),
    laneProviders: {},
    prices: settings.providers.prices,
    breaker: false,
  };
  const url = pathToFileURL(`${folder.path}/`).href;
  await schedules.create({
    id: "nightly",
    cron: "0 2 * * *",
    timeZone: "Europe/Berlin",
    createdAt: new Date().toISOString(),
    submission: {
      source: `${url}in/`,
      destination: `${url}out/`,
      recipe: { preset: "professional-polish", mode: "eco" },
    },
  });
  const storeWithPut = (put: ObjectStore["put"]): ObjectStore => withOwn(stores.open(`${url}out/`), "put", put);
  return {
    context,
    ledger,
    schedules,
    schedule: async (): Promise<Schedule | undefined> => await schedules.read("nightly"),
    /** Makes the claim expire. */
    ageClaim: async (): Promise<void> => {
      const claim = (await schedules.read("nightly"))?.claim;
      if (claim === undefined) throw new Error("nothing was claimed");
      await schedules.confirmRun("nightly", { ...claim, at: Date.now() - CLAIM_VOID_MS - 1 });
    },
    brokenStore: () => storeWithPut(() => Promise.reject(new Error("the disk is gone"))),
    /** A producer that stalls between writing `batch.json` and creating the batch. */
    frozen: () => {
      const freeze = Promise.withResolvers<void>();
      let isReached = false;
      const openStore: OpenStore = (where) => {
        const store = stores.open(where);
        return storeWithPut(async (...given) => {
          const answer = await store.put(...given);
          isReached = true;
          await freeze.promise;
          return answer;
        });
      };
      return { context: { ...context, openStore }, isReached: () => isReached, thaw: () => freeze.resolve() };
    },
    close: async () => {
      await closeRedis(redis);
      await stores.close();
      await folder.remove();
    },
  };
}

test.each([
  ["Europe/Berlin", "nightly 2026-11-22 00:30:00"],
  ["America/New_York", "nightly 2026-11-21 18:30:00"],
])("names a run's batch after its schedule and the time in %s", (timeZone, name) => {
  expect(runName({ id: "nightly", timeZone }, new Date("2026-11-21T23:30:00.000Z"))).toBe(name);
});
