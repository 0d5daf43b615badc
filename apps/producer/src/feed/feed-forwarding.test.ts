import { expect, test } from "vitest";
import { BATCH_FORMAT, newBatchId, resolveRecipe } from "@darkroom/core";
import { FEED_START, Ledger } from "@darkroom/ledger";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { createLogger } from "@darkroom/runtime";
import { testNamespace, testRedisUrl } from "@darkroom/testkit";
import { FeedForwarding } from "./feed-forwarding.ts";

/** A ledger that counts forwarded events, with a producer's forwarding. */
function start() {
  const redis = connectRedis({ url: testRedisUrl(), name: "feed-test", onError: () => undefined });
  const namespace = testNamespace();
  const ledger = new Ledger(redis, namespace);
  const feed = ledger.feed;
  const calls: string[] = [];
  const forward = feed.forward.bind(feed);
  feed.forward = async (id) => {
    calls.push(id);
    return await forward(id);
  };
  let since = 0;
  const forwarding = new FeedForwarding({
    continuity: { since: () => Promise.resolve(since) },
    ledger,
    log: createLogger({ level: "silent", name: "test" }),
    signal: new AbortController().signal,
  });
  return {
    redis,
    namespace,
    ledger,
    calls,
    failOver: () => void (since += 1),
    accept: async (): Promise<string> => {
      const id = newBatchId();
      await ledger.create({
        format: BATCH_FORMAT,
        id,
        createdAt: new Date().toISOString(),
        source: { kind: "prefix", url: "s3://bucket/in/" },
        destination: { url: "s3://bucket/out/" },
        recipe: resolveRecipe({ preset: "skin-smoothing", mode: "eco" }),
        lane: "each-sense",
        prices: {},
      });
      return id;
    },
    tick: async (): Promise<void> => {
      const records = await Promise.all((await ledger.activeBatches()).map((id) => ledger.read(id)));
      await forwarding.tick(records.filter((record) => record !== undefined));
      await forwarding.settle();
    },
    forwarded: async (): Promise<readonly string[]> =>
      (await feed.read(FEED_START, 100)).events.map(({ event }) => event.type),
    [Symbol.asyncDispose]: () => closeRedis(redis),
  };
}

test("forwards new events, and sends no request for a batch without any", async () => {
  await using it = start();
  await it.tick();
  const id = await it.accept();
  await it.tick();
  await it.tick();
  expect(it.calls).toEqual([id]);
  await it.ledger.control.pause(id, "lunch");
  await it.tick();
  await it.tick();
  expect(it.calls).toEqual([id, id]);
  expect(await it.forwarded()).toEqual(["batch.accepted", "batch.paused"]);
});

test("forwards again what Redis has lost of the deployment's feed, also of a batch that has ended", async () => {
  await using it = start();
  const [id, ended] = [await it.accept(), await it.accept()];
  await it.tick();
  await it.ledger.failBatch(ended, "no such bucket");
  await it.ledger.retire(ended);
  await it.redis.del(`{${it.namespace}:feed}:entries`, `{${it.namespace}:feed}:forwarded`);
  await it.tick();
  expect(await it.forwarded()).toEqual([]);
  it.failOver();
  await it.tick();
  expect((await it.forwarded()).toSorted()).toEqual(["batch.accepted", "batch.accepted", "batch.failed"]);
  expect(it.calls).toContain(id);
});
