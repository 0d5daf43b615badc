import { afterEach, expect, it } from "vitest";
import type { BatchStatus } from "@darkroom/core";
import { testS3, until } from "@darkroom/testkit";
import { startEngine, type Engine } from "../kit/engine.ts";
import { startHttpFront } from "@darkroom/testkit";
import { postTo } from "../kit/post-to.ts";

let engine: Engine;
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  await engine.close();
});

async function get<T>(path: string): Promise<T> {
  return (await (await fetch(`${engine.api.url}/v1${path}`)).json()) as T;
}

it("a batch and a portrait report their wait reason, the last error and the next attempt", async () => {
  const fault = { kind: "http", status: 503, retryAfterS: 60 } as const;
  engine = await startEngine({
    twin: { faults: [{ match: { portrait: "p00001", call: 1 }, fault }] },
    env: { DARKROOM_BACKOFF_CAP_MS: "60000", DARKROOM_OUTAGE_FAILURES: "0" },
  });
  await engine.addPhotos(4);
  const id = await engine.submit();
  await engine.settledAtLeast(id, 3);
  await until(async () => (await engine.ledger.read(id))?.counts.retrying === 1, { what: "the portrait to wait" });

  const { waiting } = await get<BatchStatus>(`/batches/${id}`);
  expect(waiting).toMatchObject([{ reason: "provider_retry", count: 1, message: expect.stringContaining("503") }]);
  expect(Date.parse(waiting[0]?.nextLookAt ?? "")).toBeGreaterThan(Date.now() + 20_000);
  const portrait = await get<Record<string, unknown>>(`/batches/${id}/portraits/1`);
  expect(portrait).toMatchObject({
    state: "retrying",
    wait: { reason: "provider_retry", nextLookAt: waiting[0]?.nextLookAt },
    receipt: { lastFailure: { message: expect.stringContaining("503") } },
  });
  expect(await get(`/batches/${id}/portraits/0`)).toMatchObject({ state: "succeeded", wait: null });
});

it("waits for a provider that asks for a day only as long as the setting allows", async () => {
  const fault = { kind: "http", status: 503, retryAfterS: 86_400 } as const;
  engine = await startEngine({ twin: { faults: [{ match: { portrait: "p00001", call: 1 }, fault }] } });
  await engine.addPhotos(3);
  expect(await engine.ended(await engine.submit(), 20_000)).toMatchObject({ counts: { succeeded: 3 } });
});

it("a held lane reports its end, in its batch too, and a user can end it", { timeout: 60_000 }, async () => {
  const fault = { kind: "http", status: 429, retryAfterS: 86_400, body: { detail: "rate limit" } } as const;
  engine = await startEngine({
    twin: { latencyMs: 50, faults: [{ match: { portrait: "p00003", call: 1 }, fault }] },
    env: { DARKROOM_LANE_CONCURRENCY: "2", DARKROOM_RETRY_AFTER_CAP_MS: "3600000" },
  });
  await engine.addPhotos(12);
  const id = await engine.submit();
  const waitsForRate = async () =>
    (await get<BatchStatus>(`/batches/${id}`)).waiting.find(({ reason }) => reason === "rate_limit");
  // Two portraits were delayed at the gate, and the rest is queued behind them.
  await until(async () => ((await waitsForRate())?.count ?? 0) >= 8, { what: "the hold" });
  const until1 = Date.parse((await waitsForRate())?.nextLookAt ?? "");
  expect(until1 - Date.now()).toBeGreaterThan(3_000_000);
  expect(until1 - Date.now()).toBeLessThan(3_700_000);
  const { lanes } = await get<{ lanes: { held: { until: string } | null }[] }>("/lanes");
  expect(Date.parse(lanes[0]?.held?.until ?? "") - Date.now()).toBeLessThanOrEqual(3_600_000);
  await postTo(engine, "/lanes/twin/unblock");
  expect(await engine.ended(id, 20_000)).toMatchObject({ counts: { succeeded: 12 } });
});

it("portraits that wait for the account's rate send no requests to the object store", { timeout: 90_000 }, async () => {
  let requests = 0;
  const front = await startHttpFront(testS3().endpoint, {
    answers: () => {
      requests += 1;
      return false;
    },
  });
  stops.push(() => front.close());
  engine = await startEngine({
    store: "s3",
    workers: 0,
    twin: { latencyMs: 50 },
    env: { DARKROOM_LANE_CONCURRENCY: "4", DARKROOM_LANE_RATE_PER_MINUTE: "10" },
  });
  await engine.addPhotos(40);
  await engine.spawnWorker({ AWS_ENDPOINT_URL_S3: front.url });
  const id = await engine.submit();
  const read = async () => (await engine.ledger.read(id))?.counts;
  await engine.settledAtLeast(id, 3);
  const [before, settled] = [requests, (await read())?.succeeded ?? 0];
  await engine.settledAtLeast(id, settled + 4);
  const counts = await read();
  // A delivery needs about seven requests. The three to five portraits that wait at the same time need none.
  expect((requests - before) / 4).toBeLessThan(12);
  expect((counts?.queued ?? 0) + (counts?.retrying ?? 0)).toBeLessThan(10);
  expect(counts?.retrying).toBe(0);
});
