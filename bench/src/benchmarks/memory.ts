import { FlowProducer, Queue } from "bullmq";
import { Redis } from "ioredis";
import {
  BATCH_FORMAT,
  newBatchId,
  recipeInputSchema,
  resolveRecipe,
  SNAPSHOT_PART_ROWS,
  type BatchSpec,
} from "@darkroom/core";
import { Ledger } from "@darkroom/ledger";
import { atMost, defineBenchmark } from "../benchmark.ts";
import { startBenchRedis, type BenchRedis } from "../private-redis.ts";

const ADD_AT_ONCE = 2_000;

export const memory = defineBenchmark({
  name: "memory",
  title: "bytes in Redis for a waiting portrait, against a BullMQ job and a child of a BullMQ flow",
  sizes: { portraits: 1_000_000, jobs: 100_000, children: 10_000 },
  tinySizes: { portraits: 10_000, jobs: 500, children: 100 },
  async run({ portraits, jobs, children }) {
    const ours = await bytesFor(portraits, async (redis) => {
      await fillLedger(new Ledger(redis.client, "bench"), portraits);
    });
    const plain = await bytesFor(jobs, (redis) => addJobs(redis.url, jobs));
    const flow = await bytesFor(children, (redis) => addFlow(redis.url, children));
    return {
      figures: [
        {
          name: `a waiting portrait of ${portraits.toLocaleString("en-US")}`,
          value: ours,
          unit: "bytes",
          target: atMost(2),
        },
        { name: "a BullMQ job", value: plain, unit: "bytes" },
        { name: "a child of a BullMQ flow", value: flow, unit: "bytes" },
        { name: "BullMQ jobs in the place of one portrait", value: plain / ours, unit: "×" },
      ],
      notes: [
        `Growth of Redis' used_memory; jobs measured at ${jobs.toLocaleString("en-US")}, the flow with ${children.toLocaleString("en-US")} children.`,
        "Jobs carry batch, index, five attempts and a backoff; the portraits are pending, outside the window.",
      ],
    };
  },
});

/**
 * Creates a batch of pending portraits, without snapshot parts.
 *
 * @returns its id
 */
export async function fillLedger(ledger: Ledger, portraits: number, lane = "nobody"): Promise<string> {
  const id = newBatchId();
  const spec: BatchSpec = {
    format: BATCH_FORMAT,
    id,
    createdAt: new Date().toISOString(),
    source: { kind: "prefix", url: "file:///nowhere/in/" },
    destination: { url: "file:///nowhere/out/" },
    recipe: resolveRecipe(recipeInputSchema.parse({ preset: "professional-polish", mode: "eco" })),
    lane,
    prices: {},
  };
  await ledger.create(spec);
  const fence = await ledger.beginIngest(id);
  for (let part = 0, left = portraits; left > 0; part += 1, left -= SNAPSHOT_PART_ROWS) {
    const rows = Math.min(SNAPSHOT_PART_ROWS, left);
    const last = left <= SNAPSHOT_PART_ROWS;
    await ledger.countPart(id, { fence, part, rows, rejected: [], ...(last ? { end: {} } : {}) });
  }
  return id;
}

/** Returns the bytes per item for `count` items in an empty Redis. */
async function bytesFor(count: number, fill: (redis: BenchRedis) => Promise<void>): Promise<number> {
  const redis = await startBenchRedis();
  try {
    const before = await redis.usedBytes();
    await fill(redis);
    return ((await redis.usedBytes()) - before) / count;
  } finally {
    await redis.close();
  }
}

const options = {
  attempts: 5,
  backoff: { type: "exponential", delay: 15_000 },
  removeOnComplete: true,
  removeOnFail: true,
} as const;

async function addJobs(url: string, count: number): Promise<void> {
  const connection = connect(url);
  const queue = new Queue("plain", { connection });
  queue.on("error", () => undefined);
  const batch = newBatchId();
  for (let start = 0; start < count; start += ADD_AT_ONCE) {
    await queue.addBulk(
      Array.from({ length: Math.min(ADD_AT_ONCE, count - start) }, (_, place) => ({
        name: "portrait",
        data: { b: batch, i: start + place },
        opts: { ...options, jobId: `${batch}-${start + place}` },
      })),
    );
  }
  await queue.close();
  await connection.quit();
}

async function addFlow(url: string, count: number): Promise<void> {
  const connection = connect(url);
  const flows = new FlowProducer({ connection });
  flows.on("error", () => undefined);
  const batch = newBatchId();
  await flows.add({
    name: "batch",
    queueName: "batches",
    data: { b: batch },
    children: Array.from({ length: count }, (_, index) => ({
      name: "portrait",
      queueName: "portraits",
      data: { b: batch, i: index },
      opts: { ...options, jobId: `${batch}-${index}` },
    })),
  });
  await flows.close();
  await connection.quit();
}

function connect(url: string): Redis {
  return new Redis(url, { connectionName: "bench-plain", maxRetriesPerRequest: null });
}
