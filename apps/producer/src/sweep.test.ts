import { afterAll, expect, test } from "vitest";
import { newBatchId, resolveRecipe } from "@darkroom/core";
import { Lane } from "@darkroom/lanes";
import { EMPTY_RECEIPT, Ledger, Presence } from "@darkroom/ledger";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { createLogger } from "@darkroom/telemetry";
import { testNamespace, testRedisUrl } from "@darkroom/testkit";
import type { ProducerContext } from "./context.ts";
import { LostJobs } from "./sweep.ts";

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

/** A batch that was given to its fallback, with one portrait that its own lane's provider was called for. */
async function divertedBatch(): Promise<string> {
  const id = newBatchId();
  await ledger.create({
    id,
    createdAt: new Date().toISOString(),
    source: { kind: "prefix", url: "s3://bucket/in/" },
    destination: { url: "s3://bucket/out/" },
    recipe: resolveRecipe({ preset: "professional-polish", mode: "eco" }),
    lane: OWN,
    control: { fallback: { lane: FALLBACK, provider: "phota", afterMinutes: 10 } },
  });
  const fence = await ledger.beginIngest(id);
  await ledger.countPart(id, { fence, part: 0, rows: 1, rejected: [], end: {} });
  const window = await ledger.peekPending(id, 1, OWN);
  if (window !== undefined) await ledger.markQueued(id, window);
  await ledger.claim(id, 0, "w/0", { lane: { served: OWN, own: OWN } });
  await ledger.control.divert(id, FALLBACK, []);
  const receipt = { ...EMPTY_RECEIPT, firstIntentAt: 1, turns: [{ intentAt: 1, generation: 0 }] };
  await ledger.leave(id, 0, "w/0", "queued", receipt);
  return id;
}

async function sweptTwice(id: string): Promise<number> {
  const context = {
    ledger,
    lane: (name: string) => lanes.get(name),
    log: createLogger({ level: "silent", name: "test" }),
  } as unknown as ProducerContext;
  const lost = new LostJobs(new Presence(redis, namespace));
  let requeued = 0;
  for (let round = 0; round < 2; round += 1) {
    const record = await ledger.read(id);
    if (record !== undefined) requeued += await lost.sweep(context, record);
  }
  return requeued;
}

test("a portrait of a diverted batch whose job waits in the other lane is not taken for lost", async () => {
  const id = await divertedBatch();
  await lanes.get(FALLBACK)?.add(id, 0, [0], false);
  expect(await sweptTwice(id)).toBe(0);
  expect(await ledger.read(id)).toMatchObject({ counts: { queued: 1 } });
});

test("a portrait of a diverted batch that has a job in neither lane goes back into the row", async () => {
  const id = await divertedBatch();
  expect(await sweptTwice(id)).toBe(1);
  expect(await ledger.read(id)).toMatchObject({ counts: { pending: 1 } });
});
