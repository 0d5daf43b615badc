import { afterAll, describe, expect, test } from "vitest";
import { BATCH_FORMAT, EMPTY_RECEIPT, newBatchId, type Receipt, resolveRecipe } from "@darkroom/core";
import { Lane } from "@darkroom/lanes";
import { Ledger, WorkerHeartbeats } from "@darkroom/ledger";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { createLogger } from "@darkroom/runtime";
import { testNamespace, testRedisUrl } from "@darkroom/testkit";
import type { ProducerContext } from "../context.ts";
import { OrphanedJobs, sweepStopped } from "./sweep.ts";

const [OWN, FALLBACK] = ["own", "fallback"];
const namespace = testNamespace();
const redis = connectRedis({ url: testRedisUrl(), name: "sweep-test", onError: () => undefined });
const ledger = new Ledger(redis, namespace);
const connection = { redisUrl: testRedisUrl(), namespace, onError: () => undefined };
const lanes = new Map([OWN, FALLBACK].map((name) => [name, new Lane(connection, redis, name)]));
afterAll(async () => {
  await Promise.all([...lanes.values()].map((lane) => lane.close()));
  await closeRedis(redis);
});

async function batchOf(portraits: number): Promise<string> {
  const id = newBatchId();
  await ledger.create({
    format: BATCH_FORMAT,
    id,
    createdAt: new Date().toISOString(),
    source: { kind: "prefix", url: "s3://bucket/in/" },
    destination: { url: "s3://bucket/out/" },
    recipe: resolveRecipe({ preset: "professional-polish", mode: "eco" }),
    lane: OWN,
    prices: {},
    control: { fallback: { lane: FALLBACK, provider: "phota", afterMinutes: 10 } },
  });
  const fence = await ledger.beginIngest(id);
  await ledger.countPart(id, { fence, part: 0, rows: portraits, rejected: [], end: {} });
  const window = await ledger.backlog.peekPending(id, portraits, OWN);
  if (window !== undefined) await ledger.backlog.markQueued(id, window);
  return id;
}

const CALLED: Receipt = {
  ...EMPTY_RECEIPT,
  firstIntentAt: 1,
  calls: [{ step: 0, at: 1, generation: 0, status: "intended" }],
};

/** A batch that failed over to its fallback, with one portrait whose call went to its own lane's provider. */
async function divertedBatch(): Promise<string> {
  const id = await batchOf(1);
  await ledger.claims.claim(id, 0, "w/0", { lane: { served: OWN, own: OWN } });
  await ledger.control.divert(id, FALLBACK, []);
  await ledger.claims.leave(id, 0, "w/0", {
    state: "queued",
    wait: { reason: "handed_back", delayMs: 0 },
    receipt: CALLED,
  });
  return id;
}

const context = {
  ledger,
  lane: (name: string) => lanes.get(name),
  log: createLogger({ level: "silent", name: "test" }),
} as unknown as ProducerContext;

async function sweptTwice(id: string): Promise<number> {
  const lost = new OrphanedJobs(new WorkerHeartbeats(redis, namespace));
  let requeued = 0;
  for (let round = 0; round < 2; round += 1) {
    const record = await ledger.read(id);
    if (record !== undefined) requeued += await lost.sweep(context, record);
  }
  return requeued;
}

test("does not treat a portrait as orphaned whose job waits in the other lane after a failover", async () => {
  const id = await divertedBatch();
  await lanes.get(FALLBACK)?.add(id, 0, [0], false);
  expect(await sweptTwice(id)).toBe(0);
  expect(await ledger.read(id)).toMatchObject({ counts: { queued: 1 } });
});

test("adds a job in the lane that was called for a portrait without a job in either lane", async () => {
  const id = await divertedBatch();
  expect(await sweptTwice(id)).toBe(1);
  const { counts, epoch = 0 } = (await ledger.read(id)) ?? {};
  expect(counts).toMatchObject({ retrying: 1, pending: 0 });
  expect(await lanes.get(OWN)?.missing(id, epoch, [0])).toEqual([]);
});

test("adds a job for a portrait whose answer may be recalled, even while its batch is paused", async () => {
  const id = await batchOf(2);
  for (const [index, receipt] of [CALLED, { ...CALLED, forgets: true }].entries()) {
    await ledger.claims.claim(id, index, `w/${index}`, { lane: { served: OWN, own: OWN } });
    const wait = { reason: "handed_back", delayMs: 0 } as const;
    await ledger.claims.leave(id, index, `w/${index}`, { state: "queued", wait, receipt });
  }
  await ledger.control.pause(id, "");
  expect(await sweptTwice(id)).toBe(2);
  // A provider without a memory cannot be queried.
  expect(await ledger.read(id)).toMatchObject({ state: "paused", counts: { retrying: 1, pending: 1 } });
  const { epoch = 0 } = (await ledger.read(id)) ?? {};
  expect(await lanes.get(OWN)?.missing(id, epoch, [0, 1])).toEqual([1]);
});

test("queries a live worker about its claims after a cancel, but not after a deadline", async () => {
  const asked = async (endsRunning: boolean) => {
    const id = await batchOf(2);
    await lanes.get(OWN)?.add(id, 0, [0, 1], false);
    await ledger.claims.claim(id, 0, "living/0", { lane: { served: OWN, own: OWN } });
    await ledger.control.stop(id, { reason: "", code: endsRunning ? "cancelled" : "deadline_passed", endsRunning });
    expect(await sweptTwice(id)).toBe(0);
    const doubts = await ledger.claimQueries.take("living");
    return doubts.map(({ batchId, index, token }) => [batchId === id, index, token]);
  };
  expect(await asked(true)).toEqual([[true, 0, "living/0"]]);
  expect(await asked(false)).toEqual([]);
});

describe("the sweep of a stopped batch", () => {
  /**
   * Four running portraits with jobs: 0 and 1 of a dead worker (only 0 was called), 2 and 3 of a live one.
   *
   * @returns the outcomes produced by one sweep, by portrait
   */
  async function sweptOnce(endsRunning: boolean) {
    const id = await batchOf(4);
    await lanes.get(OWN)?.add(id, 0, [0, 1, 2, 3], false);
    const tokens = ["dead/0", "dead/1", "living/2", "living/3"];
    for (const [index, token] of tokens.entries())
      await ledger.claims.claim(id, index, token, { lane: { served: OWN, own: OWN } });
    await ledger.claims.writeReceipt(id, 0, "dead/0", CALLED);
    await ledger.claims.writeReceipt(id, 2, "living/2", CALLED);
    await ledger.control.stop(id, { reason: "", code: endsRunning ? "cancelled" : "deadline_passed", endsRunning });
    const record = await ledger.read(id);
    expect(record?.counts.running).toBe(4);
    if (record !== undefined)
      await sweepStopped(context, { isDead: (workerId: string) => workerId === "dead" }, record);
    expect(await ledger.recount(id, false)).toEqual([]);
    const ended = await ledger.details(id, [0, 1, 2, 3]);
    return {
      running: (await ledger.read(id))?.counts.running,
      ended: [...ended].map(([index, { code, billed }]) => [index, code, billed]),
    };
  }

  test("ends a dead worker's portraits of a cancelled batch although they have jobs, and leaves a live one's", async () => {
    expect(await sweptOnce(true)).toEqual({
      running: 2,
      ended: [
        [0, "cancelled_in_flight", "maybe"],
        [1, "cancelled", "no"],
      ],
    });
  });

  test("leaves running portraits to the workers after a deadline", async () => {
    expect(await sweptOnce(false)).toEqual({ running: 4, ended: [] });
  });
});
