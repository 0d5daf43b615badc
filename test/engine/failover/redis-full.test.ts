import { createLogger, createMetrics } from "@darkroom/runtime";
import { startRedis, until } from "@darkroom/testkit";
import { startProducer } from "@darkroom/producer";
import { startWorker } from "@darkroom/worker";
import { afterEach, expect, it } from "vitest";
import { request } from "undici";
import { startEngine, type Engine } from "../kit/engine.ts";

let engine: Engine;
let after: (() => Promise<void>)[] = [];
afterEach(async () => {
  await engine.redis.config("SET", "maxmemory", "0");
  for (const end of after) await end();
  after = [];
});

it(
  "a Redis that becomes full during a batch is reported once, and the batch continues",
  { timeout: 180_000 },
  async () => {
    const redis = await startRedis();
    engine = await startEngine({
      redisUrl: redis.url,
      workers: 0,
      producer: false,
      twin: { latencyMs: [50, 150] },
      env: { DARKROOM_LANE_CONCURRENCY: "20" },
    });
    const lines: { readonly name: string; readonly msg: string }[] = [];
    const parts = (name: string) => ({
      log: createLogger({
        level: "warn",
        name,
        destination: { write: (line) => void lines.push(JSON.parse(line) as (typeof lines)[number]) },
      }),
      metrics: createMetrics(),
    });
    const producer = await startProducer(engine.settings, parts("producer"));
    const worker = await startWorker(engine.settings, parts("worker"));
    after = [() => worker.close(), () => producer.close(), () => engine.close(), () => redis.close()];
    await engine.addPhotos(300);
    const batch = await engine.submit();
    const succeeded = async (): Promise<number> => (await engine.ledger.read(batch))?.counts.succeeded ?? 0;
    await until(async () => (await succeeded()) > 50, { what: "some portraits", timeoutMs: 30_000 });

    await engine.redis.config("SET", "maxmemory", "1");
    const full = (name: string) => lines.filter((line) => line.name === name && line.msg.includes("Redis is full"));
    await until(() => full("worker").length > 0 && full("producer").length > 0, {
      what: "the sentence in both logs",
    });
    const answer = await request(`${engine.api.url}/v1/batches`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        source: `${engine.root}in/`,
        destination: `${engine.root}more/`,
        recipe: { preset: "professional-polish", mode: "eco" },
      }),
    });
    expect(await answer.body.json()).toMatchObject({
      status: 503,
      code: "redis_unavailable",
      detail: expect.stringMatching(/^Redis is full: .*Raise maxmemory/) as string,
    });
    expect((await request(`${engine.api.url}/v1/batches/${batch}`)).statusCode).toBe(200);
    await until(() => engine.twin.stats().openStreams === 0, { what: "the calls under way to end" });
    const stopped = await succeeded();

    await engine.redis.config("SET", "maxmemory", "0");
    const record = await engine.ended(batch, 120_000);
    expect(record.counts).toMatchObject({ total: 300, succeeded: 300 });
    expect(stopped).toBeLessThan(300);
    expect(engine.twin.ledger().billed).toBe(300);
    expect(engine.twin.ledger().doubleBilled).toEqual([]);
    expect((await engine.report(batch)).every(({ attempts }) => attempts === 1)).toBe(true);
    expect(full("worker")).toHaveLength(1);
    expect(full("producer").length).toBeLessThan(10);
    if (process.env["DARKROOM_TEST_LOG"] !== undefined) console.log(lines);
  },
);
