import { afterEach, expect, it } from "vitest";
import { closeRedis, connectRedis, type RedisConnection } from "@darkroom/redis-kit";
import { startRedis, until, type PrivateRedis } from "@darkroom/testkit";
import { startEngine, type Engine } from "../kit/engine.ts";

let redis: PrivateRedis;
let engine: Engine;
let others: RedisConnection[] = [];
/** Makes Redis accept commands again. */
let heal: () => Promise<unknown>;
afterEach(async () => {
  await heal().catch(() => undefined);
  await Promise.all(others.map(closeRedis));
  await engine.close();
  await redis.close();
});

const connect = (): RedisConnection => {
  const connection = connectRedis({ url: redis.url, name: "somebody else", onError: () => undefined });
  others.push(connection);
  return connection;
};

/** Starts a batch of four with all calls in flight, at a provider without a memory. */
async function startCalls(): Promise<string> {
  redis = await startRedis({ settings: ["--lua-time-limit", "50"] });
  engine = await startEngine({ redisUrl: redis.url, phota: true, twin: { latencyMs: 1_500 } });
  others = [];
  heal = () => Promise.resolve();
  await engine.addPhotos(4);
  const batch = await engine.submit({ recipe: { provider: "phota", preset: "professional-polish" } });
  await until(() => engine.twin.stats().running === 4, { what: "all calls to run", timeoutMs: 20_000 });
  return batch;
}

/**
 * Waits until the calls have ended and the worker has met the refusal. Queries the API later, so that it has met the
 * refusal too.
 */
async function untilRefused(batch: string): Promise<void> {
  await until(() => engine.twin.stats().running === 0, { what: "all calls to end", timeoutMs: 20_000 });
  const answer = await fetch(`${engine.api.url}/v1/batches/${batch}`);
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ code: "redis_unavailable" });
}

async function expectPaidOnce(batch: string): Promise<void> {
  expect((await engine.ended(batch)).counts).toMatchObject({ total: 4, succeeded: 4 });
  expect((await engine.report(batch)).map(({ billed }) => billed)).toEqual(["yes", "yes", "yes", "yes"]);
  expect(engine.twin.ledger().billed).toBe(4);
}

it("pays once for calls that end while another script blocks Redis", { timeout: 120_000 }, async () => {
  const batch = await startCalls();
  const [slow, admin] = [connect(), connect()];
  await admin.ping();
  heal = () => admin.script("KILL");
  const running = slow.eval("while true do end", 0).catch((error: unknown) => String(error));
  await untilRefused(batch);
  await heal();
  expect(await running).toContain("killed");
  await expectPaidOnce(batch);
});

it(
  "pays once for calls that end while Redis refuses a login that it accepted before",
  { timeout: 120_000 },
  async () => {
    const batch = await startCalls();
    const admin = connect();
    heal = () => admin.config("SET", "requirepass", "");
    await admin.config("SET", "requirepass", "another");
    await admin.client("KILL", "TYPE", "normal", "SKIPME", "yes");
    await untilRefused(batch);
    expect(await heal()).toBe("OK");
    await expectPaidOnce(batch);
  },
);
