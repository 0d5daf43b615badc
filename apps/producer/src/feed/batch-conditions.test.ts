import { afterAll, expect, test } from "vitest";
import { BATCH_FORMAT, newBatchId, resolveRecipe, type BlockedDestination, type ProcessMeans } from "@darkroom/core";
import type { BlockedLane } from "@darkroom/lanes";
import { FEED_START, Ledger } from "@darkroom/ledger";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { testNamespace, testRedisUrl } from "@darkroom/testkit";
import { BatchConditions } from "./batch-conditions.ts";

const redis = connectRedis({ url: testRedisUrl(), name: "conditions-test", onError: () => undefined });
afterAll(() => closeRedis(redis));
const ledger = new Ledger(redis, testNamespace());

const MEANS: ProcessMeans = { format: BATCH_FORMAT, accounts: {}, s3: [], folders: "any", batches: "all" };
const SINCE = "2026-11-21T10:00:00.000Z";
const LANE: BlockedLane = {
  reason: "auth",
  since: SINCE,
  message: "bad key",
  probeAt: 1,
  probes: 0,
  probingSince: null,
};
const FULL: BlockedDestination = {
  url: "s3://bucket/out/",
  folder: "",
  reason: "full",
  since: SINCE,
  message: "disk full",
  nextLookAt: 1,
};
/** Longer than the interval between two checks, and shorter than the allowed absence of workers. */
const STEP_MS = 4_000;

/** Starts a batch, and returns the inputs of its producer's checks. */
async function start() {
  const id = newBatchId();
  await ledger.create({
    format: BATCH_FORMAT,
    id,
    createdAt: SINCE,
    source: { kind: "prefix", url: "s3://bucket/in/" },
    destination: { url: "s3://bucket/out/" },
    recipe: resolveRecipe({ preset: "skin-smoothing", mode: "eco" }),
    lane: "each-sense",
    prices: {},
  });
  const read: { lane?: BlockedLane | undefined; destinations: BlockedDestination[]; workers: number } = {
    destinations: [],
    workers: 1,
  };
  const conditions = new BatchConditions({
    ledger,
    lane: () => ({ blocked: async () => read.lane }),
    destinations: { read: async () => read.destinations },
    attendance: {
      at: async (post) => {
        const present = post === "producer" ? 1 : read.workers;
        return { present, means: present === 0 ? [] : [MEANS], lastSeenAt: undefined };
      },
    },
  });
  let nowMs = 0;
  return {
    read,
    /** Returns the events that a check adds to the feed. */
    check: async (): Promise<readonly (readonly [string, object])[]> => {
      nowMs += STEP_MS;
      const before = (await ledger.feed.batches.read(id, FEED_START, 100)).next;
      const record = await ledger.read(id);
      if (record === undefined) throw new Error("the batch is gone");
      await conditions.check(record, nowMs);
      const { events } = await ledger.feed.batches.read(id, before, 100);
      return events.map(({ event }) => [event.type, event.data]);
    },
  };
}

test("reports a block, another reason and its end once each", async () => {
  const { read, check } = await start();
  read.lane = LANE;
  const { reason, since, message } = LANE;
  expect(await check()).toEqual([["batch.blocked", { what: "lane", reason, since, message }]]);
  read.lane = { ...LANE, message: "still a bad key" };
  expect(await check()).toEqual([]);
  read.lane = { ...LANE, reason: "balance" };
  expect((await check()).map(([type]) => type)).toEqual(["batch.blocked"]);
  read.destinations = [FULL];
  expect(await check()).toMatchObject([["batch.blocked", { what: "destination", reason: "full" }]]);
  read.destinations = [];
  read.lane = undefined;
  expect(await check()).toEqual([["batch.unblocked", {}]]);
  expect(await check()).toEqual([]);
});

test("reports missing workers only after a while, and that they are back", async () => {
  const { read, check } = await start();
  read.workers = 0;
  const reported: (readonly [string, object])[] = [];
  let checks = 0;
  while (reported.length === 0 && checks < 20) {
    checks += 1;
    reported.push(...(await check()));
  }
  expect(checks).toBeGreaterThan(1);
  expect(reported).toEqual([["batch.unattended", { message: expect.stringContaining("no worker") as unknown }]]);
  expect(await check()).toEqual([]);
  read.workers = 1;
  expect(await check()).toEqual([["batch.attended", {}]]);
  read.workers = 0;
  expect(await check()).toEqual([]);
});
