import { afterAll, beforeEach, expect, test } from "vitest";
import { FEED_EVENTS, feedEventSchema, newBatchId } from "@darkroom/core";
import { until } from "@darkroom/testkit";
import {
  CLAIM_VOID_MS,
  currentRun,
  FEED_START,
  KEPT_RUNS,
  Schedules,
  sharedKeys,
  type Schedule,
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
  await Promise.all([schedules.recordRun("nightly", { at, outcome: "started" }), schedules.remove("nightly")]);
  expect(await schedules.list()).toEqual([]);
});

test("one of many simultaneous claims succeeds, and a result of another tick does not affect it", async () => {
  const claims = Array.from({ length: 10 }, () => ({ batchId: newBatchId(), at: Date.now() }));
  const given = await Promise.all(claims.map((claim) => schedules.claimRun("nightly", claim, undefined)));
  expect(given.filter(Boolean)).toHaveLength(1);
  await schedules.recordRun("nightly", { at, outcome: "skipped_overlap" });
  const held = claims[given.indexOf(true)];
  expect(await schedules.read("nightly")).toMatchObject({ claim: held, lastRun: { outcome: "skipped_overlap" } });
});

test("a claim whose answer was lost is still the tick's own when it is repeated", async () => {
  const id = `lost-${newBatchId()}`;
  await schedules.create({ ...nightly, id });
  const claim = { batchId: newBatchId(), at: Date.now() };
  const changed = JSON.stringify({ ...nightly, id, claim });
  // The command arrives twice, and the text read before the first one is no longer stored.
  await redis.hset(sharedKeys(namespace).schedules, id, changed);
  expect(await schedules.claimRun(id, claim, undefined)).toBe(true);
});

test("a claim that another tick has replaced can no longer be confirmed, and records nothing", async () => {
  const [late, newer] = [
    { batchId: newBatchId(), at: 1 },
    { batchId: newBatchId(), at: 2 },
  ];
  await schedules.claimRun("nightly", late, undefined);
  expect(await schedules.claimRun("nightly", newer, late)).toBe(true);
  await expect(schedules.confirmRun("nightly", late)).rejects.toMatchObject({ code: "conflict" });
  await schedules.settleRun("nightly", late.batchId, { at, outcome: "failed" });
  expect(await schedules.read("nightly")).toEqual({ ...nightly, claim: newer });
  await schedules.settleRun("nightly", newer.batchId, { at, outcome: "failed" });
  const missed = { sequence: 1, atMs: expect.any(Number) as unknown };
  const failed = { at, outcome: "failed", claimed: newer.batchId, missed };
  expect(await schedules.read("nightly")).toEqual({ ...nightly, lastRun: failed, runs: [failed], missed: 1 });
});

test("a schedule keeps its last runs, newest first, and one of several skips for the same batch", async () => {
  const batches = Array.from({ length: KEPT_RUNS + 2 }, () => newBatchId());
  for (const batchId of batches) await schedules.recordRun("nightly", { at, batchId, outcome: "started" });
  const last = String(batches.at(-1));
  const skip = { batchId: last, outcome: "skipped_overlap" } as const;
  for (const hour of [3, 4, 5]) await schedules.recordRun("nightly", { at: `2026-11-22T0${hour}:00:00.000Z`, ...skip });
  const found = { portraits: 4, unchanged: 9, failed: 1 };
  await schedules.endRun("nightly", last, { outcome: "completed_with_failures", found });
  const { runs = [], lastRun } = (await schedules.read("nightly")) ?? {};
  expect(runs).toHaveLength(KEPT_RUNS);
  expect(runs.slice(0, 3)).toEqual([
    { at: "2026-11-22T05:00:00.000Z", ...skip, missed: { sequence: 1, atMs: expect.any(Number) as unknown } },
    { at, batchId: last, outcome: "completed_with_failures", found },
    { at, batchId: batches.at(-2), outcome: "started" },
  ]);
  expect(lastRun).toEqual(runs[0]);
});

test("a claim blocks the schedule while its batch may still be created, and while it runs", async () => {
  const { id: batchId } = batchSpec();
  const claimed = { ...nightly, claim: { batchId, at: 1_000 } };
  expect(await currentRun(ledger, claimed, 1_000 + CLAIM_VOID_MS)).toEqual({ batchId, stage: "starting" });
  expect(await currentRun(ledger, claimed, 1_001 + CLAIM_VOID_MS)).toBeUndefined();
  await ledger.create(batchSpec({ id: batchId }));
  expect(await currentRun(ledger, claimed, 1_001 + CLAIM_VOID_MS)).toEqual({ batchId, stage: "running" });
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

test("missed occurrences are in the feed once, numbered, whoever forwards them", async () => {
  const id = `missed-${newBatchId()}`;
  await schedules.create({ ...nightly, id });
  const busy = { at, batchId: newBatchId(), outcome: "skipped_overlap", message: "busy" } as const;
  const forward = async (): Promise<void> => {
    const schedule = await schedules.read(id);
    if (schedule === undefined) throw new Error("the schedule is gone");
    await Promise.all([ledger.feed.forwardSchedule(schedule), ledger.feed.forwardSchedule(schedule)]);
  };
  await schedules.recordRun(id, busy);
  await forward();
  // The same batch still blocks the schedule.
  await schedules.recordRun(id, { ...busy, at: "2026-11-22T03:00:00.000Z" });
  await forward();
  await schedules.recordRun(id, { at, batchId: newBatchId(), outcome: "started" });
  const last = (await ledger.feed.read(FEED_START, 1_000)).events.at(-1)?.event.at ?? "";
  await until(() => Date.now() > Date.parse(last) + 1, { what: "a later moment" });
  await schedules.recordRun(id, { at, outcome: "failed", message: "no such bucket", code: "storage_not_found" });
  await forward();
  await forward();
  const { events } = await ledger.feed.read(FEED_START, 1_000);
  const told = events.map(({ event }) => event).filter(({ type }) => type === "schedule.missed");
  expect(told).toMatchObject([
    { batch: null, state: null, sequence: 1, data: { schedule: id, outcome: "skipped_overlap", batch: busy.batchId } },
    { batch: null, state: null, sequence: 2, data: { schedule: id, outcome: "failed", message: "no such bucket" } },
  ]);
  for (const event of told) {
    feedEventSchema.parse(event);
    FEED_EVENTS[event.type].parse(event.data);
  }
});
