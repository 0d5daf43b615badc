import { cpus } from "node:os";
import { measureClusterMessages } from "./cluster-messages.ts";
import { measureLargeBatch, measureReads } from "./large-batch.ts";
import type { Measured } from "./measured.ts";
import { measureOperations } from "./operations.ts";
import { startMeasuredRedis, type MeasuredRedis } from "./private-redis.ts";
import { startRealEngine } from "./real-batch.ts";

const PORTRAITS = 400;
/** Number of portraits in the batch that measures a portrait's time outside the provider. */
const CALIBRATION = 100;
const CONCURRENCY = 20;
const LATENCY_MS = 200;
const INGEST_ROWS = 200_000;
const LARGEST_BATCH = 100_000_000;

/** Measures all inputs of the simulation. Takes about a minute. */
export async function measure(say: (line: string) => void): Promise<Measured> {
  const withRedis = async <T>(what: string, work: (redis: MeasuredRedis) => Promise<T>): Promise<T> => {
    say(what);
    const redis = await startMeasuredRedis();
    try {
      return await work(redis);
    } finally {
      await redis.close();
    }
  };
  const { addJobOwnUs, ...us } = await withRedis("what each operation costs Redis", measureOperations);
  const reads = await withRedis("what reading batches costs the producer", measureReads);
  const { sweepUsPerMillion, ...states } = await withRedis("a batch of 100 million portraits", (redis) =>
    measureLargeBatch(redis, LARGEST_BATCH),
  );
  say("what a message costs the nodes of a cluster");
  const clusterMessage = await measureClusterMessages();
  const { batch, ingest, redisVersion } = await withRedis("a real batch with the twin", realBatch);
  return {
    machine: {
      cpu: cpus()[0]?.model ?? "unknown",
      cores: cpus().length,
      redis: redisVersion,
      node: process.version,
    },
    batch,
    us,
    producerUs: { ...reads, sweepPerMillion: sweepUsPerMillion, addJob: addJobOwnUs },
    states,
    clusterMessage,
    ingest,
  };
}

async function realBatch(
  redis: MeasuredRedis,
): Promise<{ batch: Measured["batch"]; ingest: Measured["ingest"]; redisVersion: string }> {
  const engine = await startRealEngine(redis, { concurrency: CONCURRENCY, latencyMs: LATENCY_MS });
  try {
    await engine.run(CONCURRENCY * 4, false);
    const { besideProviderMs } = await engine.run(CALIBRATION, false);
    const idleCpuUsPerSecond = await engine.idle();
    const plain = await engine.run(PORTRAITS, false);
    const watched = await engine.run(PORTRAITS, true);
    const rowsPerSecond = await engine.ingest(INGEST_ROWS);
    const entries = [...watched.commands].sort(([, a], [, b]) => b - a);
    const perPortrait = (count: number): number => Math.round((count / PORTRAITS) * 100) / 100;
    const total = entries.reduce((sum, [, count]) => sum + count, 0);
    const scripts = entries.reduce((sum, [name, count]) => sum + (/[ :]|^lease/.test(name) ? count : 0), 0);
    return {
      redisVersion: await redis.version(),
      ingest: { rows: INGEST_ROWS, rowsPerSecond: Math.round(rowsPerSecond) },
      batch: {
        portraits: PORTRAITS,
        twinLatencyMs: LATENCY_MS,
        concurrency: CONCURRENCY,
        wallSeconds: plain.wallSeconds,
        workSeconds: plain.workSeconds,
        commandsPerPortrait: Object.fromEntries(entries.map(([name, count]) => [name, perPortrait(count)])),
        commandsTotalPerPortrait: perPortrait(total),
        scriptCallsPerPortrait: perPortrait(scripts),
        redisCpuUsPerPortrait: (plain.redisCpuUs - idleCpuUsPerSecond * plain.wallSeconds) / PORTRAITS,
        idleCpuUsPerSecond,
        besideProviderMs,
      },
    };
  } finally {
    await engine.close();
  }
}
