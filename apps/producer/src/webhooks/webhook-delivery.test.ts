import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";
import { BATCH_FORMAT, newBatchId, resolveRecipe } from "@darkroom/core";
import { Bus, FEED_START, Ledger } from "@darkroom/ledger";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { createLogger, createMetrics } from "@darkroom/runtime";
import { testNamespace, testRedisUrl, until } from "@darkroom/testkit";
import { GuardedPosts } from "@darkroom/web-fetch";
import {
  DeliveryLog,
  messageOfEvent,
  newWebhookId,
  newWebhookSecret,
  WEBHOOK_FORMAT,
  WebhookQueue,
  WebhookStore,
  withNewWebhookSecret,
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
  const metrics = createMetrics();
  const cutting = new AbortController();
  const open = (signal = cutting.signal, mostWaiting?: number): WebhookDelivery =>
    new WebhookDelivery({
      mostWaiting,
      webhooks,
      queue,
      feed: ledger.feed,
      metrics,
      posts,
      log,
      signal,
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
    metrics,
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
        disablings: [],
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
        { what, timeoutMs: 30_000 },
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
  // All events of the other batch came before the failing message was accepted.
  const lastOfOther = it.got.findLastIndex(({ text }) => text.startsWith(other));
  expect(lastOfOther).toBeLessThan(it.got.findLastIndex(({ text }) => text.startsWith(`${one} 2`)));
});

test("both secrets verify during a rotation, and only the new one afterwards", async () => {
  await using it = await start();
  const webhook = await it.create();
  const verifies = (secret: string, { body, headers }: Got): boolean => {
    try {
      new Webhook(secret).verify(body, headers);
      return true;
    } catch {
      return false;
    }
  };
  const former = webhook.secrets[0]?.secret ?? "";
  const second = newWebhookSecret();
  for (const [graceMs, formerVerifies] of [
    [60_000, true],
    [0, false],
  ] as const) {
    await it.webhooks.change(webhook.id, () => withNewWebhookSecret(webhook, second, Date.now(), graceMs));
    it.got.length = 0;
    await it.batch(1);
    await it.deliver(async () => it.got.length >= 3 && (await it.idle()), "the deliveries");
    expect(it.got.map((each) => verifies(second, each))).toEqual([true, true, true]);
    expect(it.got.map((each) => verifies(former, each))).toEqual(Array(3).fill(formerVerifies));
    expect(verifies(newWebhookSecret(), it.got[0] as Got)).toBe(false);
  }
  expect(it.lines.join("")).not.toContain("whsec_");
});

test("410 disables, and everything continues in order when the webhook is enabled again", async () => {
  await using it = await start();
  const { id } = await it.create();
  it.answer((_, response) => void response.writeHead(410).end());
  const batch = await it.batch(1);
  await it.deliver(async () => (await it.webhooks.read(id))?.disabled !== undefined, "the end");
  expect((await it.webhooks.read(id))?.disabled).toMatchObject({
    by: "gone",
    reason: "The receiver answered 410 Gone.",
  });
  expect(it.lines.some((line) => line.includes('"level":50') && line.includes(id))).toBe(true);
  await it.delivery.tick();
  expect(await it.metrics.registry.metrics()).toContain("darkroom_webhooks_disabled 1\n");
  const { events } = await it.ledger.feed.read(FEED_START, 100);
  expect(events.at(-1)?.event).toMatchObject({
    id: expect.stringMatching(new RegExp(`^webhook:${id}\\.1-\\d+$`)) as unknown,
    batch: null,
    tenant: "default",
    sequence: 1,
    type: "webhook.disabled",
    state: null,
    data: { webhook: id, by: "gone", reason: "The receiver answered 410 Gone." },
  });
  const attempts = it.got.length;
  await it.ledger.control.pause(batch, "lunch");
  await it.ledger.control.resume(batch);
  await it.ledger.feed.forward(batch);
  await it.delivery.tick();
  await it.delivery.settle();
  expect(it.got).toHaveLength(attempts);
  it.answer((_, response) => void response.writeHead(200).end());
  await it.queue.refresh(id);
  await it.webhooks.change(id, (record) => ({ ...record, disabled: undefined }));
  await it.deliver(async () => firsts(it.got, batch).length === 5 && (await it.idle()), "the rest");
  expect(firsts(it.got, batch)).toEqual(expected(batch, 2));
});

test("five days of failures disable a webhook; a success in between starts them again", async () => {
  await using it = await start([0, 1]);
  const { id } = await it.create();
  it.answer((_, response) => void response.writeHead(500).end());
  const first = await it.batch(0);
  await it.deliver(() => it.idle(), "both attempts");
  expect(await it.deliveries.list(id, 10)).toMatchObject([
    { attempt: 2, outcome: "given_up", status: 500, failure: "HTTP 500" },
    { attempt: 1, outcome: "failed", nextAt: expect.stringMatching(/^20/) as unknown },
  ]);
  expect((await it.webhooks.read(id))?.disabled).toBeUndefined();
  const health = `{${it.namespace}:webhooks}:health:${id}`;
  expect(Number(await it.redis.hget(health, "failingSince"))).toBeGreaterThan(Date.now() - 60_000);
  await it.redis.hset(health, "failingSince", Date.now() - 5 * 86_400_000);
  it.answer((_, response) => void response.writeHead(200).end());
  await it.batch(0);
  await it.deliver(() => it.idle(), "a success");
  expect(await it.redis.hget(health, "failingSince")).toBeNull();
  it.answer((_, response) => void response.writeHead(500).end());
  await it.batch(0);
  await it.deliver(() => it.idle(), "failures");
  expect((await it.webhooks.read(id))?.disabled).toBeUndefined();
  await it.redis.hset(health, "failingSince", Date.now() - 5 * 86_400_000);
  await it.batch(0);
  await it.deliver(async () => (await it.webhooks.read(id))?.disabled !== undefined, "the end");
  expect((await it.webhooks.read(id))?.disabled).toMatchObject({
    by: "failing",
    reason: expect.stringMatching(/^Every delivery since 20.* has failed: HTTP 500\.$/) as unknown,
  });
  expect(firsts(it.got, first)).toHaveLength(1);
});

test("Retry-After of a busy receiver delays every batch, and no attempt is made sooner", async () => {
  await using it = await start();
  const { id } = await it.create();
  it.answer((_, response) => void response.writeHead(429, { "retry-after": "1" }).end());
  await it.batch(0);
  await it.deliver(() => it.got.length === 1, "the first attempt");
  const heldFrom = performance.now();
  it.answer((_, response) => void response.writeHead(200).end());
  const other = await it.batch(0);
  await it.delivery.tick();
  await it.delivery.settle();
  expect(it.got).toHaveLength(1);
  expect((await it.webhooks.health(id)).holdUntil).toBeGreaterThan(Date.now());
  await it.deliver(() => it.idle(), "the rest");
  expect(performance.now() - heldFrom).toBeGreaterThan(900);
  expect(firsts(it.got, other)).toHaveLength(1);
});

test("a webhook that is deleted during a delivery leaves no keys", async () => {
  await using it = await start();
  const webhook = await it.create();
  it.answer((_, response) => {
    void it.queue.remove(webhook).then(() => response.writeHead(200).end());
  });
  await it.batch(3);
  await it.deliver(() => it.got.length > 0, "a delivery");
  await it.delivery.tick();
  await it.delivery.settle();
  expect(it.got).toHaveLength(1);
  expect(await it.redis.keys(`{${it.namespace}:webhooks}*`)).toEqual([]);
});

test("a receiver that hangs holds up no other webhook, and a batch that hangs no other batch", async () => {
  await using it = await start([0, 60_000]);
  const quick = await it.create();
  const hanging = await it.create({ url: `http://127.0.0.1:${it.port}/hanging` });
  const stuck = await it.batch(0);
  const others = await Promise.all(Array.from({ length: 20 }, () => it.batch(1)));
  it.answer(({ path, text }, response) => {
    const hangs = path === "/hanging" && (text.startsWith(stuck) || !text.startsWith(others[0] ?? ""));
    if (!hangs) response.writeHead(200).end();
  });
  const began = performance.now();
  await it.deliver(async () => (await it.queue.waiting())[quick.id] === undefined, "the quick one");
  expect(performance.now() - began).toBeLessThan(5_000);
  const gotQuick = it.got.filter(({ path }) => path === "/hooks");
  for (const id of others) expect(firsts(gotQuick, id)).toEqual(expected(id, 1));
  await it.deliver(
    () =>
      firsts(
        it.got.filter(({ path }) => path === "/hanging"),
        others[0] ?? "",
      ).length === 3,
    "the batch",
  );
  expect(Object.keys(await it.queue.waiting())).toEqual([hanging.id]);
});

test("two producers at once only repeat messages, and lose or reorder none", async () => {
  await using it = await start();
  await it.create();
  let answers = 0;
  it.answer((_, response) => {
    answers += 1;
    setTimeout(() => response.writeHead(answers % 5 === 0 ? 500 : 200).end(), (answers * 7) % 11);
  });
  const others = [it.open(), it.open()];
  const batches = await Promise.all(Array.from({ length: 6 }, () => it.batch(8)));
  await it.deliver(async () => {
    await Promise.all(others.map((other) => other.tick()));
    return await it.idle();
  }, "the deliveries");
  await Promise.all(others.map((other) => other.settle()));
  for (const id of batches) expect(firsts(it.got, id)).toEqual(expected(id, 8));
});

test("sends a tenant's events, all tenants' or chosen types", async () => {
  await using it = await start();
  for (const [path, change] of Object.entries({
    acme: { tenant: "acme" },
    all: { tenant: "*" },
    paused: { tenant: "*", events: ["batch.paused"] },
  })) {
    await it.create({ ...change, url: `http://127.0.0.1:${it.port}/${path}` });
  }
  const [own, other] = [await it.batch(1, "acme"), await it.batch(1)];
  await it.deliver(async () => it.got.length >= 11 && (await it.idle()), "the deliveries");
  const at = (path: string) => it.got.filter((each) => each.path === `/${path}`).map(({ text }) => text);
  expect(at("acme")).toEqual(expected(own, 1));
  expect(at("all").toSorted()).toEqual([...expected(own, 1), ...expected(other, 1)].toSorted());
  expect(at("paused").toSorted()).toEqual([`${own} 2 batch.paused`, `${other} 2 batch.paused`].toSorted());
});

test("sends all events since a time again with the same ids, in order with those that wait", async () => {
  await using it = await start([0, 60_000]);
  const webhook = await it.create();
  const batch = await it.batch(1);
  await it.deliver(async () => it.got.length === 3 && (await it.idle()), "the first deliveries");
  const ids = it.got.map(({ id }) => id);
  it.answer((_, response) => void response.writeHead(500).end());
  const failing = await it.batch(1);
  await it.deliver(() => it.got.length > 3, "a failure");
  it.got.length = 0;
  it.answer((_, response) => void response.writeHead(200).end());
  const sinceMs = Math.min(Date.now(), await it.queue.oldestUnsent(webhook.id));
  await it.queue.rewind(webhook, await it.ledger.feed.lastBefore(sinceMs));
  await it.deliver(() => it.idle(), "what waited");
  expect(firsts(it.got, failing)).toEqual(expected(failing, 1));
  it.got.length = 0;
  await it.queue.rewind(webhook, await it.ledger.feed.lastBefore(0));
  await it.deliver(async () => it.got.length >= 6 && (await it.idle()), "everything");
  expect(firsts(it.got, batch)).toEqual(expected(batch, 1));
  expect(it.got.filter(({ text }) => text.startsWith(batch)).map(({ id }) => id)).toEqual(ids);
});

test("reports that the feed has dropped events before they were sent", async () => {
  await using it = await start();
  const { id } = await it.create();
  await it.batch(0);
  await it.deliver(async () => it.got.length === 1 && (await it.idle()), "the first delivery");
  const batch = await it.batch(3);
  await it.redis.xtrim(`{${it.namespace}:feed}:entries`, "MAXLEN", 2);
  await it.deliver(async () => it.got.length === 3 && (await it.idle()), "what is kept");
  expect(firsts(it.got, batch)).toEqual(expected(batch, 3).slice(-2));
  expect((await it.webhooks.health(id)).missedAt).toBeGreaterThan(Date.now() - 60_000);
  expect(it.lines.some((line) => line.includes("dropped from the feed"))).toBe(true);
});

test("a wait that is longer than any is over: the clock was set back", async () => {
  await using it = await start([0, 60_000]);
  const { id } = await it.create();
  it.answer((_, response) => void response.writeHead(503, { "retry-after": "3600" }).end());
  const batch = await it.batch(0);
  await it.deliver(() => it.got.length === 1, "the failure");
  it.answer((_, response) => void response.writeHead(200).end());
  const later = Date.now() + 30 * 86_400_000;
  await it.redis.zadd(`{${it.namespace}:webhooks}:lines:${id}`, later, batch);
  await it.redis.hset(`{${it.namespace}:webhooks}:health:${id}`, "holdUntil", later);
  await it.deliver(() => it.idle(), "the delivery");
  expect(firsts(it.got, batch)).toHaveLength(1);
});

test("a record of a newer version stops no other webhook", async () => {
  await using it = await start();
  await it.create();
  const newer = await it.create();
  await it.redis.hset(`{${it.namespace}:webhooks}:endpoints`, newer.id, JSON.stringify({ ...newer, format: 2 }));
  const batch = await it.batch(1);
  await it.deliver(() => it.got.length === 3, "the deliveries");
  expect(firsts(it.got, batch)).toEqual(expected(batch, 1));
});

test("a producer that dies after a message was received sends it again with the same id, and then the next", async () => {
  await using it = await start();
  await it.create();
  const dying = new AbortController();
  const first = it.open(dying.signal);
  it.answer(() => dying.abort());
  const batch = await it.batch(1);
  await it.deliver(() => dying.signal.aborted, "the first attempt", first);
  it.answer((_, response) => void response.writeHead(200).end());
  await it.deliver(() => it.idle(), "the rest");
  expect(it.got.map(({ text }) => text)).toEqual([`${batch} 1 batch.accepted`, ...expected(batch, 1)]);
  expect(it.got[0]?.id).toBe(it.got[1]?.id);
});

test("resending the first waiting message of a batch tries it at once; another one comes beside its line", async () => {
  await using it = await start([0, 60_000]);
  const webhook = await it.create();
  it.answer((_, response) => void response.writeHead(500).end());
  const batch = await it.batch(1);
  await it.deliver(() => it.got.length === 1, "the failure");
  it.answer((_, response) => void response.writeHead(200).end());
  const sent = async (event: number) => {
    const placed = (await it.ledger.feed.read(FEED_START, 10)).events[event];
    if (placed === undefined) throw new Error("no such event");
    return { source: batch, message: messageOfEvent(webhook.id, placed.position, placed.event) };
  };
  expect(await it.queue.add(webhook.id, await sent(0))).toBe(true);
  await it.deliver(() => it.idle(), "the batch");
  expect(firsts(it.got, batch)).toEqual(expected(batch, 1));
  const again = await sent(1);
  for (let n = 0; n < 3; n += 1) await it.queue.add(webhook.id, again);
  it.got.length = 0;
  await it.deliver(async () => it.got.length > 0 && (await it.idle()), "the one");
  expect(it.got.map(({ id }) => id)).toEqual([again.message.id]);
});

test("reads only as many events as may wait, and the rest when there is room", async () => {
  await using it = await start([0, 60_000]);
  const { id } = await it.create();
  const limited = it.open(undefined, 2);
  it.answer((_, response) => void response.writeHead(500).end());
  const batch = await it.batch(1);
  await it.deliver(() => it.got.length === 1, "the failure", limited);
  const cursor = (await it.queue.cursors())[id];
  const later = await it.batch(2);
  await limited.tick();
  await limited.settle();
  expect([await it.queue.waiting(), (await it.queue.cursors())[id]]).toEqual([{ [id]: 3 }, cursor]);
  it.answer((_, response) => void response.writeHead(200).end());
  await it.queue.refresh(id);
  await it.deliver(async () => firsts(it.got, later).length === 5 && (await it.idle()), "the rest", limited);
  expect(firsts(it.got, batch)).toEqual(expected(batch, 1));
  expect(firsts(it.got, later)).toEqual(expected(later, 2));
});

test("a feed that was rewritten with older positions loses no event", async () => {
  await using it = await start();
  await it.create();
  const batch = await it.batch(1);
  await it.deliver(async () => it.got.length === 3 && (await it.idle()), "the first deliveries");
  await it.ledger.control.pause(batch, "lunch");
  await it.ledger.feed.forward(batch);
  // A failover has lost the last two entries, and the new master's clock is two seconds behind.
  const entries = `{${it.namespace}:feed}:entries`;
  const [kept, ...lost] = await it.redis.xrange(entries, "-", "+");
  if (kept === undefined) throw new Error("no entries");
  await it.redis.del(entries);
  let [before, fields] = kept;
  const atMs = Number.parseInt(before, 10) - 2_000;
  await it.redis.xadd(entries, `${atMs}-0`, ...fields);
  before = `${atMs}-0`;
  for (const [place, entry] of lost.entries()) {
    [, fields] = entry;
    const id = `${atMs + place + 1}-0`;
    await it.redis.xadd(entries, id, "before", before, ...fields.slice(2));
    before = id;
  }
  await it.deliver(async () => firsts(it.got, batch).length === 4 && (await it.idle()), "the new event");
  expect(firsts(it.got, batch)).toEqual([...expected(batch, 1), `${batch} 4 batch.paused`]);
  await it.delivery.tick();
  const count = it.got.length;
  await it.delivery.tick();
  await it.delivery.settle();
  expect(it.got).toHaveLength(count);
});
