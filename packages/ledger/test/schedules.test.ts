import { afterAll, beforeEach, expect, test } from "vitest";
import { FEED_EVENTS, feedEventSchema, newBatchId } from "@darkroom/core";
import {
  currentRun,
  FEED_START,
  KEPT_RUNS,
  Schedules,
  sharedKeys,
  type RunClaim,
  type Schedule,
  type ScheduleRun,
} from "../src/index.ts";
import { batchSpec, openLedger } from "./open-ledger.ts";

const { ledger, redis, namespace, close } = openLedger();
const schedules = new Schedules(redis, namespace);
afterAll(close);

const nightly: Schedule = {
  id: "nightly",
  cron: "0 2 * * *",
  timeZone: "Europe/Berlin",
  createdAt: "2026-11-21T00:00:00.000Z",
  submission: { source: "s3://bucket/in/", destination: "s3://bucket/out/{date}/", recipe: { mode: "eco" } },
};
const at = "2026-11-22T02:00:00.000Z";
const dueMs = Date.parse(at);

function claimOf(batchId = newBatchId()): RunClaim {
  return { batchId, at: dueMs, dueMs, covers: 1 };
}

async function read(id: string): Promise<Schedule> {
  const schedule = await schedules.read(id);
  if (schedule === undefined) throw new Error("the schedule is gone");
  return schedule;
}

/** Records an occurrence that started no batch of its own, or whose claim does not matter to the test. */
async function recordRun(id: string, run: ScheduleRun): Promise<void> {
  await schedules.handle(await read(id), { handledMs: Date.parse(run.at), run });
}

beforeEach(async () => {
  await schedules.remove("nightly");
  await schedules.create(nightly);
});

test("creates a schedule once: a repeated command changes nothing, and another definition is rejected", async () => {
  expect(await schedules.create(nightly)).toBe(true);
  expect(await schedules.create({ ...nightly, cron: "0 3 * * *" })).toBe(false);
  expect(await schedules.list()).toEqual([nightly]);
});

test("a result that is recorded while the schedule is deleted does not restore it", async () => {
  // Both use one connection, so the deletion reaches Redis between the read and the write.
  await Promise.all([
    schedules.handle(nightly, { handledMs: dueMs, run: { at, outcome: "started" } }),
    schedules.remove("nightly"),
  ]);
  expect(await schedules.list()).toEqual([]);
});

test("one of many simultaneous claims succeeds, and a result of another tick does not affect it", async () => {
  const claims = Array.from({ length: 10 }, () => claimOf());
  const given = await Promise.all(claims.map((claim) => schedules.claimRun(nightly, claim)));
  expect(given.filter(Boolean)).toHaveLength(1);
  await recordRun("nightly", { at, outcome: "skipped_overlap" });
  const held = claims[given.indexOf(true)];
  expect(await schedules.read("nightly")).toMatchObject({ claim: held, lastRun: { outcome: "skipped_overlap" } });
});

test("a claim whose answer was lost is still the tick's own when it is repeated", async () => {
  const id = `lost-${newBatchId()}`;
  await schedules.create({ ...nightly, id });
  const claim = claimOf();
  const changed = JSON.stringify({ ...nightly, id, claim });
  // The command arrives twice, and the text read before the first one is no longer stored.
  await redis.hset(sharedKeys(namespace).schedules, id, changed);
  expect(await schedules.claimRun({ ...nightly, id }, claim)).toBe(true);
});

test("a claim that another tick has replaced can no longer be confirmed, and records nothing", async () => {
  const [late, newer] = [claimOf(), claimOf()];
  await schedules.claimRun(nightly, late);
  expect(await schedules.claimRun(await read("nightly"), newer)).toBe(true);
  await expect(schedules.confirmRun("nightly", late)).rejects.toMatchObject({ code: "conflict" });
  await schedules.settleRun("nightly", late, { at, outcome: "failed" });
  expect(await schedules.read("nightly")).toEqual({ ...nightly, claim: newer });
  await schedules.settleRun("nightly", newer, { at, outcome: "failed" });
  const failed = { at, outcome: "failed", claimed: newer.batchId };
  expect(await schedules.read("nightly")).toEqual({
    ...nightly,
    lastRun: failed,
    runs: [failed],
    events: [expect.objectContaining({ sequence: 1, type: "schedule.missed" })],
  });
});

test("a schedule keeps its last runs, newest first, and one of several skips for the same batch", async () => {
  const batches = Array.from({ length: KEPT_RUNS + 2 }, () => newBatchId());
  for (const batchId of batches) await recordRun("nightly", { at, batchId, outcome: "started" });
  const last = String(batches.at(-1));
  const skip = { batchId: last, outcome: "skipped_overlap" } as const;
  for (const hour of [3, 4, 5]) await recordRun("nightly", { at: `2026-11-22T0${hour}:00:00.000Z`, ...skip });
  const found = { portraits: 4, unchanged: 9, leftOut: 1 };
  const ended = { at, batchId: last, outcome: "completed_with_failures", found } as const;
  await schedules.endRun("nightly", ended);
  const { runs = [], lastRun, events } = (await schedules.read("nightly")) ?? {};
  expect(runs).toHaveLength(KEPT_RUNS);
  expect(runs.slice(0, 3)).toEqual([
    { at: "2026-11-22T05:00:00.000Z", ...skip },
    ended,
    { at, batchId: batches.at(-2), outcome: "started" },
  ]);
  expect(lastRun).toEqual(runs[0]);
  expect(events).toMatchObject([{ sequence: 1, type: "schedule.missed", data: { batch: last } }]);
});

test("a claim blocks the schedule until its batch is created, and while that runs", async () => {
  const { id: batchId } = batchSpec();
  const claimed = { ...nightly, claim: claimOf(batchId) };
  expect(await currentRun(ledger, claimed)).toEqual({ batchId });
  await ledger.create(batchSpec({ id: batchId }));
  const started = { ...nightly, claim: { ...claimed.claim, isStarted: true } as const };
  for (const schedule of [claimed, started]) {
    expect(await currentRun(ledger, schedule)).toMatchObject({ batchId, record: { state: "ingesting" } });
  }
  await ledger.failBatch(batchId, "no source");
  expect(await currentRun(ledger, started)).toBeUndefined();
});

test("a decision about a schedule that has changed since is void", async () => {
  const seen = await read("nightly");
  await schedules.pause("nightly", dueMs);
  expect(await schedules.claimRun(seen, claimOf(), dueMs)).toBe(false);
  expect(await schedules.handle(seen, { handledMs: dueMs })).toBe(false);
  await schedules.resume("nightly", dueMs + 1);
  expect(await schedules.claimRun(seen, claimOf(), dueMs)).toBe(false);
  expect(await schedules.claimRun(await read("nightly"), claimOf(), dueMs + 2)).toBe(true);
  expect(await read("nightly")).toMatchObject({ handledMs: dueMs + 2 });
});

test("a pause drops what is queued, and both a pause and a resume change nothing when repeated", async () => {
  const [busy, queued] = [newBatchId(), { dueMs, covers: 2 }];
  await schedules.handle(nightly, { handledMs: dueMs, queued, run: { at, batchId: busy, outcome: "queued" } });
  const paused = await schedules.pause("nightly", dueMs + 5, "holidays");
  expect(paused).toMatchObject({ paused: { at: dueMs + 5, reason: "holidays" }, handledMs: dueMs });
  expect(paused?.queued).toBeUndefined();
  expect(paused?.runs).toEqual([{ at, outcome: "skipped_paused", message: "the schedule was paused" }]);
  expect(await schedules.pause("nightly", dueMs + 9)).toEqual(paused);
  const resumed = await schedules.resume("nightly", dueMs + 10);
  expect(resumed).toMatchObject({ handledMs: dueMs + 10 });
  expect(await schedules.resume("nightly", dueMs + 11)).toEqual(resumed);
  expect(resumed?.events?.map(({ sequence, type }) => [sequence, type])).toEqual([
    [1, "schedule.missed"],
    [2, "schedule.paused"],
    [3, "schedule.resumed"],
  ]);
  expect(await schedules.pause("gone", dueMs)).toBeUndefined();
});

test("a started occurrence takes the place of the queued one, and is settled once", async () => {
  const busy = newBatchId();
  const queued = { dueMs, covers: 1 };
  await schedules.handle(nightly, { handledMs: dueMs, queued, run: { at, batchId: busy, outcome: "queued" } });
  const claim = claimOf();
  await schedules.claimRun(await read("nightly"), claim);
  expect((await read("nightly")).queued).toBeUndefined();
  const started = { at, batchId: claim.batchId, outcome: "started" } as const;
  await schedules.settleRun("nightly", claim, started);
  await schedules.settleRun("nightly", claim, started);
  await schedules.settleRun("nightly", claim, { at, outcome: "failed" });
  expect(await read("nightly")).toMatchObject({ runs: [started], claim: { ...claim, isStarted: true } });
});

test("reports a stuck batch once for each reason, and that it goes on", async () => {
  const [batchId, other] = [newBatchId(), newBatchId()];
  const stuck = { batchId, reason: "paused", message: "paused by a person" } as const;
  await schedules.tellStuck("nightly", undefined);
  for (const each of [stuck, { ...stuck, message: "again" }, { ...stuck, reason: "approval" } as const]) {
    await schedules.tellStuck("nightly", each);
  }
  await schedules.tellStuck("nightly", { ...stuck, batchId: other });
  await schedules.tellStuck("nightly", undefined);
  const { events = [], stuck: last } = await read("nightly");
  expect(last).toBeUndefined();
  expect(events.map(({ type, data }) => ({ type, ...data }))).toMatchObject([
    { type: "schedule.stuck", batch: batchId, reason: "paused", message: "paused by a person" },
    { type: "schedule.stuck", batch: batchId, reason: "approval" },
    { type: "schedule.stuck", batch: other, reason: "paused" },
    { type: "schedule.unstuck", batch: other },
  ]);
  for (const { type, data } of events) FEED_EVENTS[type].parse(data);
});

test("a forbidden batch is never created or listed, and an existing one cannot be forbidden", async () => {
  const [given, there] = [batchSpec(), batchSpec()];
  expect(await ledger.forbid(given.id)).toBe(true);
  expect(await ledger.forbid(given.id)).toBe(true);
  expect([await ledger.create(given), await ledger.read(given.id)]).toEqual([false, undefined]);
  await ledger.create(there);
  expect(await ledger.forbid(there.id)).toBe(false);
  expect((await ledger.read(there.id))?.state).toBe("ingesting");
  expect(await ledger.adoptForgotten()).toEqual([]);
});

test("events of a schedule are in the feed once, numbered, whoever forwards them", async () => {
  const id = `missed-${newBatchId()}`;
  await schedules.create({ ...nightly, id });
  const busy = { at, batchId: newBatchId(), outcome: "skipped_overlap", message: "busy" } as const;
  const forward = async (): Promise<void> => {
    const schedule = await schedules.read(id);
    if (schedule === undefined) throw new Error("the schedule is gone");
    await Promise.all([ledger.feed.forwardSchedule(schedule), ledger.feed.forwardSchedule(schedule)]);
  };
  await recordRun(id, busy);
  await forward();
  // The same batch still blocks the schedule.
  await recordRun(id, { ...busy, at: "2026-11-22T03:00:00.000Z" });
  await forward();
  await recordRun(id, { at, batchId: newBatchId(), outcome: "started" });
  await recordRun(id, { at, outcome: "failed", message: "no such bucket", code: "storage_not_found" });
  await schedules.pause(id, dueMs);
  await forward();
  await forward();
  const { events } = await ledger.feed.read(FEED_START, 1_000);
  const told = events.map(({ event }) => event).filter(({ batch }) => batch === null);
  expect(told).toMatchObject([
    { batch: null, state: null, sequence: 1, data: { schedule: id, outcome: "skipped_overlap", batch: busy.batchId } },
    { batch: null, state: null, sequence: 2, data: { schedule: id, outcome: "failed", message: "no such bucket" } },
    { batch: null, state: null, sequence: 3, type: "schedule.paused", data: { schedule: id } },
  ]);
  for (const event of told) {
    feedEventSchema.parse(event);
    FEED_EVENTS[event.type].parse(event.data);
  }
});
