import { expect, test } from "vitest";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { startCluster, testNamespace } from "@darkroom/testkit";
import type { DeliveryAttempt } from "./delivery-log.ts";
import { newWebhookSecret } from "./signature.ts";
import { WebhookQueue } from "./webhook-queue.ts";
import { newWebhookId, WEBHOOK_FORMAT, type WebhookRecord } from "./webhook-record.ts";
import { WebhookStore } from "./webhook-store.ts";

const CREATED_AT = "2026-11-21T10:00:00.000Z";

function webhook(): WebhookRecord {
  return {
    format: WEBHOOK_FORMAT,
    id: newWebhookId(),
    url: "https://hooks.example/",
    tenant: "default",
    createdAt: CREATED_AT,
    createdBy: "root",
    disablings: [],
    secrets: [{ secret: newWebhookSecret(), createdAt: CREATED_AT }],
  };
}

function message(source: string, n: number) {
  return { source, message: { id: `msg_${source}${n}`, position: `${n}-0`, body: `{"n": ${n}}` } };
}

const ENTRY: DeliveryAttempt = {
  message: "msg",
  position: "1-0",
  type: "batch.paused",
  event: "b.1-1",
  attempt: 1,
  outcome: "delivered",
  status: 200,
  durationMs: 1,
};

test("every script works on a cluster", async () => {
  await using cluster = await startCluster();
  const redis = connectRedis({ url: cluster.url, name: "webhook-queue-test", onError: () => undefined });
  const namespace = testNamespace();
  const [store, queue] = [new WebhookStore(redis, namespace), new WebhookQueue(redis, namespace)];
  const record = webhook();
  const { id } = record;
  expect(await store.create(record, "0-0")).toBe(true);
  expect([await queue.append(id, ["0-0", "0-1"], []), await queue.waiting()]).toEqual([true, {}]);
  const messages = [message("a", 1), message("b", 2), message("a", 3)];
  expect(await queue.append(id, ["0-1", "3-0"], messages)).toBe(true);
  expect(await queue.append(id, ["0-0", "3-0"], messages)).toBe(false);
  expect((await queue.due(id)).lines.map(({ source }) => source).toSorted()).toEqual(["a", "b"]);
  expect((await queue.due(id)).nextMs).toBeUndefined();
  const head = await queue.head(id, "a");
  expect(head?.message).toEqual(messages[0]?.message);
  if (head === undefined) throw new Error("no message");
  const settled = { leaves: true, delayMs: 0, holdMs: 0, entry: ENTRY };
  expect(await queue.settle(id, head, settled)).toEqual({ remaining: 1, failingSince: 0 });
  expect(await queue.settle(id, head, settled)).toBeUndefined();
  expect([await queue.waiting(), await queue.oldestUnsent(id)]).toEqual([{ [id]: 2 }, 2]);
  const other = await queue.head(id, "b");
  if (other === undefined) throw new Error("no message");
  await queue.settle(id, other, { ...settled, leaves: false, delayMs: 60_000 });
  const { lines, nextMs = 0 } = await queue.due(id);
  expect(lines).toEqual([{ source: "a", attempts: 0 }]);
  expect(nextMs).toBeGreaterThan(50_000);
  expect(await queue.add(id, message("c", 4))).toBe(true);
  for (const n of [5, 6, 7]) expect(await queue.addTest(id, message("test", n).message)).toBe(true);
  expect(await queue.waiting()).toEqual({ [id]: 4 });
  const newest = (await queue.due(id)).lines.find(({ source }) => source.includes("test"));
  expect((await queue.head(id, newest?.source ?? ""))?.message.id).toBe("msg_test7");
  await queue.refresh(id);
  await queue.rewind(record, "1-0");
  expect([await queue.waiting(), await queue.cursors()]).toEqual([{}, { [id]: "1-0" }]);
  await queue.remove(record);
  expect([
    await queue.append(id, ["1-0", "2-0"], messages),
    await queue.add(id, message("c", 4)),
    await queue.addTest(id, message("test", 5).message),
  ]).toEqual([false, false, false]);
  expect(await store.list()).toEqual([]);
  await closeRedis(redis);
});
