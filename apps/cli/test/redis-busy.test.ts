import { afterEach, expect, it } from "vitest";
import { closeRedis, connectRedis, type RedisConnection } from "@darkroom/redis-kit";
import { startRedis, until, type PrivateRedis } from "@darkroom/testkit";
import { startEngine, type Engine } from "./engine.ts";

let redis: PrivateRedis;
let engine: Engine;
let others: RedisConnection[] = [];
afterEach(async () => {
  await Promise.all(others.map(closeRedis));
  await engine.close();
  await redis.close();
});

const connect = (): RedisConnection => {
  const connection = connectRedis({ url: redis.url, name: "somebody else", onError: () => undefined });
  others.push(connection);
  return connection;
};

it("calls that end while another script keeps Redis busy are paid once", { timeout: 120_000 }, async () => {
  redis = await startRedis({ settings: ["--lua-time-limit", "50"] });
  engine = await startEngine({ redisUrl: redis.url, phota: true, twin: { latencyMs: 1_500 } });
  await engine.addPhotos(4);
  const recipe = { provider: "phota", preset: "professional-polish" } as const;
  const batch = await engine.submit({ recipe });
  others = [];
  const [slow, admin] = [connect(), connect()];
  await admin.ping();
  await until(() => engine.twin.stats().running === 4, { what: "all calls to run", timeoutMs: 20_000 });

  const running = slow.eval("while true do end", 0).catch((error: unknown) => String(error));
  await until(() => engine.twin.stats().running === 0, { what: "all calls to end", timeoutMs: 20_000 });
  // The API has met it, and so has the worker, which wrote before.
  const answer = await fetch(`${engine.api.url}/v1/batches/${batch}`);
  expect(answer.status).toBe(503);
  expect(await answer.text()).toContain("busy with a script");
  await admin.script("KILL");
  expect(await running).toContain("killed");

  const { counts } = await engine.ended(batch);
  expect(counts).toMatchObject({ total: 4, succeeded: 4 });
  expect((await engine.report(batch)).map(({ billed }) => billed)).toEqual(["yes", "yes", "yes", "yes"]);
  expect(engine.twin.ledger().billed).toBe(4);
});
