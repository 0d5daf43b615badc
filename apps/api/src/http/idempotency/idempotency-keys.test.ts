import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newBatchId } from "@darkroom/core";
import { IdempotencyKeys } from "./idempotency-keys.ts";
import { testApi, type TestApi } from "../../../test/test-api.ts";

let api: TestApi;
let keys: IdempotencyKeys;
beforeAll(async () => {
  api = await testApi();
  keys = new IdempotencyKeys(api.redis, api.settings.redis.namespace);
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

function redisKey(key: string): string {
  return `${api.settings.redis.namespace}:idempotency:${createHash("sha256").update(key).digest("hex")}`;
}

test("stores a key's batch before the batch exists, for 24 hours", async () => {
  const taken = await keys.take("a", "submission", api.ledger);
  if (taken.kind !== "held") throw new Error("the key is not new");
  expect(await api.redis.pttl(redisKey("a"))).toBeLessThanOrEqual(60_000);
  const { id } = await api.batch(0);
  await taken.held.note(id);
  const known = { kind: "known", batchId: taken.held.batchId, manifest: undefined };
  expect(await keys.take("a", "submission", api.ledger)).toEqual(known);
  expect(await api.redis.pttl(redisKey("a"))).toBeGreaterThan(23 * 3_600_000);
});

test("does not store a batch for a key that another request has taken over", async () => {
  const slow = await keys.take("b", "submission", api.ledger);
  if (slow.kind !== "held") throw new Error("the key is not new");
  await api.redis.del(redisKey("b"));
  expect((await keys.take("b", "submission", api.ledger)).kind).toBe("held");
  await expect(slow.held.note(newBatchId())).rejects.toMatchObject({ code: "conflict", retryable: true });
  await slow.held.free();
  await expect(keys.take("b", "submission", api.ledger)).rejects.toMatchObject({ code: "conflict" });
});

test("frees a key whose batch was recorded but never created, after a delay", async () => {
  const digest = createHash("sha256").update("submission").digest("hex");
  const note = (notedAt: number) => JSON.stringify({ kind: "batch", id: newBatchId(), digest, notedAt });
  await api.redis.set(redisKey("c"), note(Date.now()));
  await expect(keys.take("c", "submission", api.ledger)).rejects.toMatchObject({ code: "conflict", retryable: true });
  await api.redis.set(redisKey("c"), note(Date.now() - 61_000));
  const taken = await keys.take("c", "submission", api.ledger);
  expect(taken.kind).toBe("held");
  if (taken.kind === "held") await taken.held.free();
  expect(await api.redis.exists(redisKey("c"))).toBe(0);
});

test.each([
  [true, "held"],
  [false, "refused"],
])("after a server's death, carries a request out again if it is repeatable: %s", async (isRepeatable, ending) => {
  const asked = { key: `dead ${ending}`, digest: "a request", tenant: "default", isRepeatable };
  const begun = await keys.begin(asked);
  if (begun.kind !== "held") throw new Error("the key is not new");
  await begun.held.abandon();
  await expect(keys.begin(asked)).rejects.toMatchObject({ code: "conflict", retryable: true });
  const text = await api.redis.get(redisKey(asked.key));
  const seenAt = Date.now() - 61_000;
  await api.redis.set(redisKey(asked.key), JSON.stringify({ ...JSON.parse(text ?? ""), seenAt }));
  await expect(keys.begin({ ...asked, digest: "another" })).rejects.toMatchObject({ code: "idempotency_key_reused" });
  if (!isRepeatable) {
    await expect(keys.begin(asked)).rejects.toMatchObject({ code: "conflict", retryable: false });
    return;
  }
  const again = await keys.begin(asked);
  if (again.kind !== "held") throw new Error("the key is not free");
  await expect(keys.begin(asked)).rejects.toMatchObject({ retryable: true });
  // The first server was only slow. Its late response does not replace the second server's.
  await begun.held.end("a request", { status: 200, body: "late" });
  await again.held.end("a request", { status: 200, body: "{}" });
  expect(await keys.begin(asked)).toEqual({ kind: "answered", answer: { status: 200, body: "{}" } });
  expect(await api.redis.pttl(redisKey(asked.key))).toBeGreaterThan(23 * 3_600_000);
});

test("prevents a stalled server from creating its recorded batch in addition to the repeated request's", async () => {
  const digest = createHash("sha256").update("submission").digest("hex");
  const late = { ...(await api.batch(0)), id: newBatchId() };
  const entry = { kind: "batch", id: late.id, digest, notedAt: Date.now() - 61_000 };
  await api.redis.set(redisKey("d"), JSON.stringify(entry));
  const taken = await keys.take("d", "submission", api.ledger);
  expect(taken.kind).toBe("held");
  if (taken.kind === "held") await taken.held.free();
  expect(await api.ledger.create(late)).toBe(false);
  expect(await api.ledger.read(late.id)).toBeUndefined();
});
