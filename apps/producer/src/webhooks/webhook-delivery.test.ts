import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";
import { BATCH_FORMAT, newBatchId, resolveRecipe } from "@darkroom/core";
import { Bus, Ledger } from "@darkroom/ledger";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { createLogger } from "@darkroom/runtime";
import { testNamespace, testRedisUrl, until } from "@darkroom/testkit";
import { GuardedPosts } from "@darkroom/web-fetch";
import {
  DeliveryLog,
  newWebhookId,
  newWebhookSecret,
  WEBHOOK_FORMAT,
  WebhookQueue,
  WebhookStore,
  type WebhookRecord,
} from "@darkroom/webhooks";
import { WebhookDelivery } from "./webhook-delivery.ts";

interface Got {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly id: string;
  /** Batch, number in the batch and type. */
  readonly text: string;
}

type Answerer = (got: Got, response: ServerResponse) => void;

/** A receiver of webhooks, a feed, and the delivery between them. */
async function start(delays: readonly number[] = [0, 1, 1, 1, 1, 1, 1, 1]) {
  const redis = connectRedis({ url: testRedisUrl(), name: "webhook-test", onError: () => undefined });
  const subscriber = connectRedis({ url: testRedisUrl(), name: "webhook-test", onError: () => undefined });
  const namespace = testNamespace();
  const ledger = new Ledger(redis, namespace);
  const webhooks = new WebhookStore(redis, namespace);
  const queue = new WebhookQueue(redis, namespace);
  const got: Got[] = [];
  let answer: Answerer = (_, response) => void response.writeHead(204).end();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      const { type, data } = JSON.parse(body) as { type: string; data: { batch?: string; sequence?: number } };
      const headers = request.headers as Record<string, string>;
      const text = `${data.batch ?? ""} ${data.sequence ?? 0} ${type}`;
      const one = { path: request.url ?? "", headers, body, id: headers["webhook-id"] ?? "", text };
      got.push(one);
      answer(one, response);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const lines: string[] = [];
  const log = createLogger({ level: "info", name: "test", destination: { write: (line) => void lines.push(line) } });
  const posts = new GuardedPosts({ allowPrivate: true, wholeMs: 500 });
  const cutting = new AbortController();
  const open = (): WebhookDelivery =>
    new WebhookDelivery({
      webhooks,
      queue,
      feed: ledger.feed,
      posts,
      log,
      signal: cutting.signal,
      onRoom: () => undefined,
      delays,
    });
  const delivery = open();
  return {
    redis,
    namespace,
    ledger,
    bus: new Bus(redis, subscriber, namespace),
    webhooks,
    queue,
    deliveries: new DeliveryLog(redis, namespace),
    posts,
    port,
    server,
    got,
    lines,
    log,
    open,
    delivery,
    answer: (next: Answerer) => void (answer = next),
    create: async (change: Partial<WebhookRecord> = {}): Promise<WebhookRecord> => {
      const createdAt = new Date().toISOString();
      const record: WebhookRecord = {
        format: WEBHOOK_FORMAT,
        id: newWebhookId(),
        url: `http://127.0.0.1:${port}/hooks`,
        tenant: "default",
        createdAt,
        createdBy: "root",
        secrets: [{ secret: newWebhookSecret(), createdAt }],
        ...change,
      };
      expect(await webhooks.create(record, await ledger.feed.newest())).toBe(true);
      return record;
    },
    /** Accepts a batch and pauses and resumes it this many times. */
    batch: async (pauses: number, tenant?: string): Promise<string> => {
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
        ...(tenant === undefined ? {} : { tenant }),
      });
      for (let at = 0; at < pauses; at += 1) {
        await ledger.control.pause(id, "lunch");
        await ledger.control.resume(id);
      }
      await ledger.feed.forward(id);
      return id;
    },
    /** Runs the delivery until the condition holds. */
    deliver: async (condition: () => boolean | Promise<boolean>, what: string, by = delivery): Promise<void> => {
      await until(
        async () => {
          await by.tick();
          return await condition();
        },
        { what },
      );
      await by.settle();
    },
    idle: async (): Promise<boolean> => Object.keys(await queue.waiting()).length === 0,
    [Symbol.asyncDispose]: async () => {
      cutting.abort();
      await delivery.settle();
      await posts.close();
      server.closeAllConnections();
      server.close();
      await closeRedis(redis);
      await closeRedis(subscriber);
    },
  };
}

/** The texts of a batch's messages, each once, by their first arrival. */
function firsts(got: readonly Got[], batch: string): readonly string[] {
  const byId = new Map<string, string>();
  for (const { id, text } of got) if (text.startsWith(batch) && !byId.has(id)) byId.set(id, text);
  return [...byId.values()];
}

function expected(batch: string, pauses: number): readonly string[] {
  const types = ["batch.accepted"];
  for (let at = 0; at < pauses; at += 1) types.push("batch.paused", "batch.resumed");
  return types.map((type, at) => `${batch} ${at + 1} ${type}`);
}

test("delivers each event once and in order, verified by the reference library", async () => {
  await using it = await start();
  const before = await it.batch(1);
  const { secrets } = await it.create();
  const batches = [await it.batch(3), await it.batch(2)];
  await it.deliver(async () => it.got.length >= 12 && (await it.idle()), "the deliveries");
  expect(it.got).toHaveLength(12);
  expect(firsts(it.got, before)).toEqual([]);
  expect(firsts(it.got, batches[0] ?? "")).toEqual(expected(batches[0] ?? "", 3));
  expect(firsts(it.got, batches[1] ?? "")).toEqual(expected(batches[1] ?? "", 2));
  const verifier = new Webhook(secrets[0]?.secret ?? "");
  for (const { headers, body } of it.got) verifier.verify(body, headers);
  expect(JSON.parse(it.got[0]?.body ?? "")).toEqual({
    type: "batch.accepted",
    timestamp: expect.stringMatching(/^20/) as unknown,
    data: {
      batch: expect.any(String) as unknown,
      tenant: "default",
      event: expect.stringMatching(/\.1-\d+$/) as unknown,
      sequence: 1,
      state: "ingesting",
    },
  });
});

test("a receiver that fails five times gets all in order, and a batch that fails holds up no other", async () => {
  await using it = await start();
  await it.create();
  const [one, other] = [await it.batch(2), await it.batch(2)];
  let failures = 0;
  it.answer(({ text }, response) => {
    const fails = text.startsWith(`${one} 2`) && failures < 5;
    if (fails) failures += 1;
    response.writeHead(fails ? 500 : 200).end();
  });
  await it.deliver(() => it.idle(), "the deliveries");
  expect(failures).toBe(5);
  expect(firsts(it.got, one)).toEqual(expected(one, 2));
  expect(firsts(it.got, other)).toEqual(expected(other, 2));
  const attempts = it.got.filter(({ text }) => text.startsWith(`${one} 2`));
  expect(new Set(attempts.map(({ id }) => id)).size).toBe(1);
  expect(attempts).toHaveLength(6);
  // Everything of the other batch came before the failing message was accepted.
  const lastOfOther = it.got.findLastIndex(({ text }) => text.startsWith(other));
  expect(lastOfOther).toBeLessThan(it.got.findLastIndex(({ text }) => text.startsWith(`${one} 2`)));
});
