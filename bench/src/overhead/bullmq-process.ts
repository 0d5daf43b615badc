// Plain BullMQ: one job per photo around the same function. The process that runs the jobs also adds them.
import { Queue, Worker } from "bullmq";
import type { ObjectInfo } from "@darkroom/core";
import { Redis } from "ioredis";
import { answer } from "../attached.ts";
import { createPlainEnhancer, type PlainRun } from "./enhance-plainly.ts";

type Job = PlainRun & Pick<ObjectInfo, "key" | "etag" | "sizeBytes">;

const ADD_AT_ONCE = 1_000;
const url = process.env["REDIS_URL"] ?? "";
const connect = (name: string): Redis => new Redis(url, { connectionName: name, maxRetriesPerRequest: null });

const enhancer = createPlainEnhancer(process.env);
const queue = new Queue<Job>("plain", { connection: connect("plain-queue"), prefix: "{plain}" });
let done = 0;
let wanted = Infinity;
let finish: () => void = () => undefined;
const worker = new Worker<Job>(
  "plain",
  async ({ data }) => {
    await enhancer.enhance(enhancer.open(data.sourceUrl), enhancer.open(data.destinationUrl), data, data.run);
  },
  {
    connection: connect("plain-worker"),
    prefix: "{plain}",
    concurrency: Number(process.env["DARKROOM_LANE_CONCURRENCY"]),
    removeOnComplete: { count: 0 },
  },
);
worker.on("completed", () => {
  done += 1;
  if (done >= wanted) finish();
});
worker.on("error", (error) => console.error(error.message));
queue.on("error", (error) => console.error(error.message));

answer("run", async (run: PlainRun) => {
  done = 0;
  wanted = Infinity;
  const through = new Promise<void>((resolve) => (finish = resolve));
  let added = 0;
  let jobs: { name: string; data: Job }[] = [];
  const flush = async (): Promise<void> => {
    await queue.addBulk(jobs);
    added += jobs.length;
    jobs = [];
  };
  for await (const { key, etag, sizeBytes } of enhancer.open(run.sourceUrl).list()) {
    jobs.push({ name: "photo", data: { ...run, key, etag, sizeBytes } });
    if (jobs.length >= ADD_AT_ONCE) await flush();
  }
  await flush();
  wanted = added;
  if (done < wanted) await through;
  return done;
});
process.on("SIGTERM", () => process.exit(0));
await worker.waitUntilReady();
console.log("ready");
