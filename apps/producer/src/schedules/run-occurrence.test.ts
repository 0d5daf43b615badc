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
import { Bus, Ledger, Schedules, type Schedule } from "@darkroom/ledger";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { openStores } from "@darkroom/storage";
import { tempFolder, testNamespace, testRedisUrl, until } from "@darkroom/testkit";
import { deliveredUrl, runName, type OccurrenceContext } from "./run-occurrence.ts";
import { tickSchedule } from "./tick-schedule.ts";

const HOUR = 3_600_000;
/** The first occurrence of the schedule is due at this time. */
const FIRST = Date.parse("2026-11-22T02:00:00.000Z");

type Parts = Awaited<ReturnType<typeof openParts>>;
let parts: Parts;
beforeEach(async () => void (parts = await openParts()));
afterEach(async () => await parts.close());

test("of two simultaneous producers, one creates a batch, and the next occurrence is skipped while it runs", async () => {
  const { context, ledger } = parts;
  await Promise.all([parts.tick(context), parts.tick(context)]);
  const [batchId, ...others] = await ledger.activeBatches();
  expect(others).toEqual([]);
  expect(await parts.schedule()).toMatchObject({ lastRun: { batchId, outcome: "started" } });
  parts.pass(HOUR);
  await Promise.all([parts.tick(context), parts.tick(context)]);
  const message = `batch ${batchId} of this schedule has not ended`;
  const { runs = [], events } = await parts.schedule();
  expect(runs.map(({ outcome }) => outcome)).toEqual(["skipped_overlap", "started"]);
  expect(runs[0]).toMatchObject({ at: parts.dueAt(), batchId, message });
  expect(events).toMatchObject([{ type: "schedule.missed", data: { outcome: "skipped_overlap", batch: batchId } }]);
  expect(await ledger.activeBatches()).toEqual([batchId]);
});

test("no occurrence is due twice, even if the clock is set back", async () => {
  const { context, ledger } = parts;
  await parts.tick(context);
  const [batchId = ""] = await ledger.activeBatches();
  await ledger.failBatch(batchId, "no source");
  const after = await parts.schedule();
  for (const ms of [1_000, -1_800_000, 1_799_000]) {
    parts.pass(ms);
    await parts.tick(context);
    expect(await parts.schedule()).toEqual(after);
  }
});

test("a clock that was set to a wrong year stops the schedule until it is right again, not until that year", async () => {
  const { context, ledger } = parts;
  const wrong = 365 * 24 * HOUR;
  parts.pass(wrong);
  await parts.tick(context);
  for (const id of await ledger.activeBatches()) await ledger.failBatch(id, "no source");
  parts.pass(-wrong);
  await parts.tick(context);
  parts.pass(HOUR);
  await parts.tick(context);
  expect((await parts.schedule()).lastRun).toMatchObject({ at: parts.dueAt(), outcome: "started" });
});

test("a producer that resumes after another one has created its batch creates no second one", async () => {
  const { context, ledger } = parts;
  const frozen = parts.frozen();
  const thawing = parts.tick(frozen.context);
  await until(() => frozen.isReached(), { what: "the freeze" });
  const { claim } = await parts.schedule();
  expect(await ledger.activeBatches()).toEqual([]);
  await parts.tick(context);
  expect(await ledger.activeBatches()).toEqual([claim?.batchId]);
  await ledger.failBatch(claim?.batchId ?? "", "no source");
  parts.pass(HOUR);
  await parts.tick(context);
  const after = await parts.schedule();
  const made = after.claim?.batchId;
  expect(made).not.toBe(claim?.batchId);

  frozen.thaw();
  await thawing;
  expect(new Set(await ledger.activeBatches())).toEqual(new Set([claim?.batchId, made]));
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
  const thawing = parts.tick({ ...context, ledger: withOwn(ledger, "create", create) });
  await reached.promise;
  await parts.tick(context);
  const after = await parts.schedule();
  const made = await ledger.activeBatches();
  expect(made).toHaveLength(1);
  freeze.resolve();
  await thawing;
  expect(await ledger.activeBatches()).toEqual(made);
  expect(await parts.schedule()).toEqual(after);
});

test("an occurrence that one producer records as failed is not created by a slower one", async () => {
  const { context, ledger } = parts;
  const [reached, freeze] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const create: Ledger["create"] = async (...given) => {
    reached.resolve();
    await freeze.promise;
    return await ledger.create(...given);
  };
  const thawing = parts.tick({ ...context, ledger: withOwn(ledger, "create", create) });
  await reached.promise;
  await expect(parts.tick({ ...context, openStore: () => parts.brokenStore() })).rejects.toThrow("the disk is gone");
  freeze.resolve();
  await expect(thawing).rejects.toMatchObject({ code: "conflict" });
  expect(await parts.schedule()).toMatchObject({ lastRun: { outcome: "failed", message: "the disk is gone" } });
  expect((await parts.schedule()).claim).toBeUndefined();
  expect(await ledger.activeBatches()).toEqual([]);
});

test("another producer creates the batch that a dead one has claimed or a user has requested", async () => {
  const { context, ledger } = parts;
  const claim = { batchId: newBatchId(), at: parts.now(), dueMs: parts.now(), covers: 1 };
  await parts.schedules.claimRun(await parts.schedule(), claim);
  await parts.tick(context);
  expect(await ledger.activeBatches()).toEqual([claim.batchId]);
  expect((await parts.schedule()).lastRun).toMatchObject({ outcome: "started", batchId: claim.batchId });
});

test("a schedule that is deleted while its run starts creates no batch and stays deleted", async () => {
  const { ledger, schedules } = parts;
  const frozen = parts.frozen();
  const ticking = parts.tick(frozen.context);
  await until(() => frozen.isReached(), { what: "the freeze" });
  await schedules.remove("nightly");
  frozen.thaw();
  await expect(ticking).rejects.toMatchObject({ code: "conflict" });
  expect([await ledger.activeBatches(), await schedules.list()]).toEqual([[], []]);
});

test("a schedule that is replaced while its run starts does not get that run's batch", async () => {
  const { ledger, schedules } = parts;
  const frozen = parts.frozen();
  const ticking = parts.tick(frozen.context);
  await until(() => frozen.isReached(), { what: "the freeze" });
  const { claim: _, handledMs: __, ...fresh } = await parts.schedule();
  await schedules.remove("nightly");
  await schedules.create({ ...fresh, createdAt: new Date(parts.now()).toISOString() });
  frozen.thaw();
  await expect(ticking).rejects.toMatchObject({ code: "conflict" });
  expect(await ledger.activeBatches()).toEqual([]);
  expect((await parts.schedule()).runs).toBeUndefined();
});

test("a run that fails blocks no later run", async () => {
  const { context, ledger } = parts;
  await expect(parts.tick({ ...context, openStore: () => parts.brokenStore() })).rejects.toThrow("the disk is gone");
  expect((await parts.schedule()).lastRun).toMatchObject({ outcome: "failed", message: "the disk is gone" });
  parts.pass(HOUR);
  await parts.tick(context);
  expect(await ledger.activeBatches()).toHaveLength(1);
});

test("a recreated schedule waits for a batch that was restored after Redis was emptied", async () => {
  const { context, ledger } = parts;
  const schedule = await parts.schedule();
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
  await parts.tick(context);
  expect(await ledger.activeBatches()).toEqual([spec.id]);
  const after = await parts.schedule();
  expect(after.lastRun).toMatchObject({ batchId: spec.id, outcome: "skipped_overlap" });
  expect(after.claim).toBeUndefined();
});

test("a queued occurrence starts when the current batch ends, as one for all that are queued", async () => {
  const { context, ledger } = parts;
  await parts.change({ overlap: "queue" });
  await parts.tick(context);
  const [first = ""] = await ledger.activeBatches();
  parts.pass(HOUR);
  await parts.tick(context);
  parts.pass(HOUR);
  await parts.tick(context);
  const queuedAt = parts.dueAt();
  expect((await parts.schedule()).runs).toMatchObject([
    { at: queuedAt, outcome: "queued", batchId: first, covers: 2 },
    { outcome: "started", batchId: first },
  ]);
  parts.pass(1_000);
  await parts.tick(context);
  expect(await ledger.activeBatches()).toEqual([first]);
  await ledger.failBatch(first, "no source");
  await parts.tick(context);
  const { runs = [], queued, events } = await parts.schedule();
  expect(runs).toMatchObject([
    { at: queuedAt, outcome: "started", covers: 2 },
    { outcome: "started", batchId: first },
  ]);
  expect([queued, events]).toEqual([undefined, undefined]);
});

test("cancels the current batch for the next occurrence, once, and starts when it has ended", async () => {
  const { context, ledger } = parts;
  await parts.change({ overlap: "cancel-running" });
  await parts.tick(context);
  const [first = ""] = await ledger.activeBatches();
  parts.pass(HOUR);
  await parts.tick(context);
  const cancelled = await ledger.read(first);
  expect(cancelled).toMatchObject({ cancelled: true, reason: expect.stringContaining('schedule "nightly"') as string });
  await parts.tick(context);
  expect((await ledger.read(first))?.revision).toBe(cancelled?.revision);
  expect((await parts.schedule()).runs).toMatchObject([{ outcome: "queued", batchId: first }, { batchId: first }]);
});

test.each(["skip", "once"] as const)("occurrences that passed while no producer ran: %s", async (missed) => {
  const { context, ledger } = parts;
  await parts.change({ missed });
  parts.pass(3 * HOUR + 6 * 60_000);
  await parts.tick(context);
  const at = new Date(parts.now() - 6 * 60_000).toISOString();
  const { lastRun, runs, events } = await parts.schedule();
  expect(runs).toHaveLength(1);
  if (missed === "once") {
    expect(lastRun).toMatchObject({ at, outcome: "started", covers: 4 });
    expect(await ledger.activeBatches()).toEqual([lastRun?.batchId]);
  } else {
    expect(lastRun).toEqual({ at, outcome: "missed", message: "no producer was running when it was due", covers: 4 });
    expect(events).toMatchObject([{ type: "schedule.missed", data: { outcome: "missed", at } }]);
    expect(await ledger.activeBatches()).toEqual([]);
  }
  parts.pass(54 * 60_000);
  for (const id of await ledger.activeBatches()) await ledger.failBatch(id, "no source");
  await parts.tick(context);
  expect((await parts.schedule()).lastRun).toMatchObject({ at: parts.dueAt(), outcome: "started" });
});

test("a paused schedule starts nothing, and a resumed one does not make up for missed occurrences", async () => {
  const { context, ledger, schedules } = parts;
  await parts.change({ missed: "once" });
  await schedules.pause("nightly", parts.now());
  for (const ms of [0, HOUR, 48 * HOUR]) {
    parts.pass(ms);
    await parts.tick(context);
  }
  await schedules.resume("nightly", parts.now());
  await parts.tick(context);
  expect((await parts.schedule()).runs).toBeUndefined();
  parts.pass(HOUR);
  await parts.tick(context);
  expect((await parts.schedule()).lastRun).toMatchObject({ at: parts.dueAt(), outcome: "started" });
  expect(await ledger.activeBatches()).toHaveLength(1);
});

test("a tenant's schedule makes the tenant's batches, within what its key may read", async () => {
  const { context, ledger, schedules } = parts;
  const { id: _, ...nightly } = await parts.schedule();
  const within = ["s3://acme/raw/"];
  await schedules.create({ ...nightly, id: "acme.nightly", tenant: "acme", within });
  await expect(tickSchedule(context, "acme.nightly", parts.now())).rejects.toMatchObject({ code: "forbidden" });
  expect(await ledger.activeBatches()).toEqual([]);
  const folder = String(nightly.submission.source);
  await schedules.create({ ...nightly, id: "acme.hourly", tenant: "acme", within: [folder] });
  await tickSchedule(context, "acme.hourly", parts.now());
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

/** A schedule `nightly`, due every hour, the context of its occurrences and a clock. */
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
  const context: OccurrenceContext = {
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
    cron: "0 * * * *",
    timeZone: "Europe/Berlin",
    createdAt: new Date(FIRST - HOUR).toISOString(),
    submission: {
      source: `${url}in/`,
      destination: `${url}out/`,
      recipe: { preset: "professional-polish", mode: "eco" },
    },
  });
  let nowMs = FIRST;
  const schedule = async (): Promise<Schedule> => {
    const found = await schedules.read("nightly");
    if (found === undefined) throw new Error("there is no schedule");
    return found;
  };
  const storeWithPut = (put: ObjectStore["put"]): ObjectStore => withOwn(stores.open(`${url}out/`), "put", put);
  return {
    context,
    ledger,
    schedules,
    schedule,
    now: () => nowMs,
    /** Returns the last full hour. */
    dueAt: () => new Date(nowMs - (nowMs % HOUR)).toISOString(),
    /** Lets time pass. */
    pass: (ms: number) => void (nowMs += ms),
    tick: async (own: OccurrenceContext) => await tickSchedule(own, "nightly", nowMs),
    /** Changes the schedule's definition. */
    change: async (change: Partial<Schedule>) => {
      const changed = { ...(await schedule()), ...change };
      await schedules.remove("nightly");
      await schedules.create(changed);
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
