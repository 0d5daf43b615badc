import { once } from "node:events";
import { afterEach, expect, it } from "vitest";
import { Schedules, type Schedule, type ScheduleRun } from "@darkroom/ledger";
import { until } from "@darkroom/testkit";
import { ClockedProducers } from "../kit/clocked-producers.ts";
import { startEngine, type Engine, type EngineOptions } from "../kit/engine.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const JSON_HEADERS = { "content-type": "application/json" };

let engine: Engine;
let schedules: Schedules;
let producers: ClockedProducers;

async function start(options: EngineOptions = {}): Promise<void> {
  engine = await startEngine({ producer: false, ...options });
  schedules = new Schedules(engine.redis, engine.settings.redis.namespace);
  // At the beginning of a minute, before the schedules are created.
  producers = new ClockedProducers(engine, Math.floor(Date.now() / MINUTE) * MINUTE);
}

afterEach(async () => {
  await producers.close();
  await engine.close();
});

async function create(change: Partial<Schedule> = {}): Promise<void> {
  const definition = {
    id: "minutely",
    cron: "* * * * *",
    timeZone: "Europe/Berlin",
    submission: {
      source: `${engine.root}in/`,
      destination: `${engine.root}out/`,
      recipe: { preset: "professional-polish", mode: "eco" },
    },
    ...change,
  };
  const body = JSON.stringify(definition);
  const made = await fetch(`${engine.api.url}/v1/schedules`, { method: "POST", headers: JSON_HEADERS, body });
  expect([made.status, await made.json()]).toMatchObject([201, { id: definition.id }]);
}

async function read(id = "minutely"): Promise<Schedule> {
  const schedule = await schedules.read(id);
  if (schedule === undefined) throw new Error("the schedule is gone");
  return schedule;
}

/** Waits until an occurrence that is due at a time is recorded. */
async function recorded(dueMs: number, id = "minutely"): Promise<ScheduleRun> {
  const at = new Date(dueMs).toISOString();
  let found: ScheduleRun | undefined;
  await until(async () => (found = (await read(id)).runs?.find((run) => run.at === at)) !== undefined, {
    what: `the run of ${at}`,
    timeoutMs: 30_000,
  });
  if (found === undefined) throw new Error("no run");
  return found;
}

/** Lets a minute pass, and waits until its occurrence is recorded and its batch has ended. */
async function minute(): Promise<ScheduleRun> {
  producers.set(producers.nowMs + MINUTE);
  const run = await recorded(producers.nowMs);
  await engine.ended(run.batchId ?? "");
  return run;
}

it(
  "enhances each photo once every minute, through an API restart, a killed producer, a pause and changes of the clock",
  { timeout: 180_000 },
  async () => {
    await start();
    let photos = 0;
    const add = async (count: number): Promise<void> => {
      const first = photos;
      photos += count;
      await engine.addPhotos(count, (index) => `day/p${String(first + index).padStart(5, "0")}.jpg`);
    };
    const api = await engine.spawnApi();
    await create();
    const first = await producers.start();
    await producers.start();

    await add(3);
    expect(await minute()).toMatchObject({ outcome: "started" });
    expect(engine.twin.ledger().billed).toBe(3);

    // The API is away while a run is due.
    api.child.kill("SIGKILL");
    await once(api.child, "exit");
    await add(2);
    await minute();
    const again = await engine.spawnApi();
    const shown = (await (await fetch(`${again.url}/v1/schedules/minutely`)).json()) as object;
    const results = { found: { portraits: 2, unchanged: 3 }, did: { succeeded: 2, failed: 0 } };
    expect(shown).toMatchObject({ lastRun: results, runs: [results, { found: { portraits: 3 } }] });

    // A producer is killed while it starts a run.
    await add(2);
    producers.set(producers.nowMs + MINUTE);
    await producers.kill(first);
    await engine.ended((await recorded(producers.nowMs)).batchId ?? "");
    await producers.start();

    // An unpaused schedule shows that the producers have seen the time.
    await create({
      id: "watch",
      cron: "* * * * *",
      submission: { ...(await read()).submission, source: `${engine.root}none/` },
    });
    await fetch(`${again.url}/v1/schedules/minutely/pause`, { method: "POST" });
    await add(2);
    const pausedFrom = producers.nowMs;
    for (let passed = 1; passed <= 3; passed += 1) {
      producers.set(pausedFrom + passed * MINUTE);
      await recorded(producers.nowMs, "watch");
    }
    await schedules.resume("minutely", producers.nowMs);
    await minute();
    const during = (await read()).runs?.filter(({ at }) => Date.parse(at) > pausedFrom);
    expect(during).toHaveLength(1);

    // The clock is set back, and then advances to the latest handled minute.
    const latest = producers.nowMs;
    await add(1);
    producers.set(latest - 20 * MINUTE);
    producers.set(latest - 10 * MINUTE);
    producers.set(latest);
    await minute();
    expect((await read()).runs?.[0]).not.toHaveProperty("covers");

    // The clock jumps ahead by hours.
    await add(1);
    producers.set(producers.nowMs + 3 * HOUR);
    const jumped = await recorded(producers.nowMs);
    expect(jumped).toMatchObject({ outcome: "started", covers: 100 });
    await engine.ended(jumped.batchId ?? "");

    const idle = await minute();
    expect((await engine.ledger.read(idle.batchId ?? ""))?.counts.total).toBe(0);
    const { billed, doubleBilled } = engine.twin.ledger();
    expect([billed, doubleBilled]).toEqual([photos, []]);
    const { runs = [] } = await read();
    const ended = await Promise.all(runs.map(async ({ batchId = "" }) => await engine.ledger.read(batchId)));
    expect(ended.reduce((sum, record) => sum + (record?.counts.succeeded ?? 0), 0)).toBe(photos);
    expect(ended.every((record) => record?.state === "completed")).toBe(true);
  },
);

it(
  "cancels the running batch for the next run, which enhances the rest: each photo is paid once",
  { timeout: 60_000 },
  async () => {
    await start({ twin: { latencyMs: 60 }, env: { DARKROOM_LANE_CONCURRENCY: "4" } });
    await create({ overlap: "cancel-running" });
    await engine.addPhotos(60);
    await producers.start();
    producers.set(producers.nowMs + MINUTE);
    const { batchId: first = "" } = await recorded(producers.nowMs);
    await engine.settledAtLeast(first, 3);
    producers.set(producers.nowMs + MINUTE);
    const cancelled = await engine.ended(first);
    const second = await ownBatch(producers.nowMs, first);
    const { counts } = await engine.ended(second);
    expect(cancelled).toMatchObject({ state: "cancelled", reason: 'schedule "minutely" is due again, and cancels it' });
    const left = cancelled.counts.cancelled;
    expect(left).toBeGreaterThan(0);
    expect(cancelled.failures).toEqual({ cancelled: left });
    expect(counts).toMatchObject({ total: left, succeeded: left });
    const { billed, doubleBilled } = engine.twin.ledger();
    expect([billed, doubleBilled]).toEqual([60, []]);
  },
);

/** Waits until the occurrence that is due at a time has another batch than an earlier one. */
async function ownBatch(dueMs: number, before: string): Promise<string> {
  let batchId: string | undefined;
  await until(async () => ((batchId = (await recorded(dueMs)).batchId) ?? before) !== before, {
    what: "the next batch",
  });
  return batchId ?? "";
}
