import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import sharp from "sharp";
import { startApi } from "@darkroom/api";
import { readEngineSettings } from "@darkroom/config";
import { submissionSchema } from "@darkroom/core";
import { acceptBatch } from "@darkroom/intake";
import { Bus, Ledger } from "@darkroom/ledger";
import { startProducer } from "@darkroom/producer";
import { openStores } from "@darkroom/storage";
import { createLogger, createMetrics } from "@darkroom/runtime";
import { startTwin } from "@darkroom/twin";
import { startWorker } from "@darkroom/worker";
import { countCommands } from "./command-counts.ts";
import type { MeasuredRedis } from "./private-redis.ts";

interface RealRun {
  /** Time from the submission to the report, in s. */
  readonly wallSeconds: number;
  /** Time from the first portrait's start to the last portrait's end, in s. */
  readonly workSeconds: number;
  readonly redisCpuUs: number;
  readonly commands: ReadonlyMap<string, number>;
  /** Average time from a portrait's start to its end, without the provider's time, in ms. */
  readonly besideProviderMs: number;
}

export interface RealEngine {
  /** Processes a batch of new photos completely. `watched` counts commands, which costs Redis time. */
  run(portraits: number, watched: boolean): Promise<RealRun>;
  /**
   * Only ingests a manifest with this many rows.
   *
   * @returns rows per second
   */
  ingest(rows: number): Promise<number>;
  /** Returns the CPU of an idle Redis, µs per second. */
  idle(): Promise<number>;
  close(): Promise<void>;
}

const POLL_MS = 20;
const IDLE_MS = 4_000;
const MOST_WAIT_MS = 120_000;

/** Starts producer, worker and simulator in this process, with real parts. */
export async function startRealEngine(
  redis: MeasuredRedis,
  { concurrency, latencyMs }: { readonly concurrency: number; readonly latencyMs: number },
): Promise<RealEngine> {
  const folder = await mkdtemp(join(tmpdir(), "darkroom-simulation-"));
  const root = pathToFileURL(`${folder}/`).href;
  const twin = await startTwin({ latencyMs, work: "light" });
  const env: Record<string, string> = {
    REDIS_URL: redis.url,
    DARKROOM_NAMESPACE: "real",
    DARKROOM_TWIN: "true",
    EACHLABS_BASE_URL: twin.url,
    EACHLABS_API_KEY: twin.apiKey,
    DARKROOM_LOCAL_ROOTS: folder,
    DARKROOM_LINK_SECRET: "a secret of this measurement",
    DARKROOM_FACES: "off",
    DARKROOM_LANE_CONCURRENCY: String(concurrency),
    DARKROOM_PORT: "0",
  };
  const log = createLogger({ level: "silent", name: "simulation" });
  // The simulator fetches photos of a local folder from the API.
  const api = await startApi(readEngineSettings(env), { log, metrics: createMetrics() });
  env["DARKROOM_PUBLIC_URL"] = api.url;
  const settings = readEngineSettings(env);
  const producer = await startProducer(settings, { log, metrics: createMetrics() });
  const worker = await startWorker(settings, { log, metrics: createMetrics() });
  const client = redis.connect("real");
  const ledger = new Ledger(client, "real");
  const bus = new Bus(client, redis.connect("real-bus"), "real");
  const stores = openStores({ s3: settings.s3, local: settings.local });
  const photo = await sharp({ create: { width: 96, height: 128, channels: 3, background: "#9a7b66" } })
    .jpeg()
    .toBuffer();
  let batches = 0;

  const until = async (holds: () => Promise<boolean>): Promise<void> => {
    const givenUpAt = performance.now() + MOST_WAIT_MS;
    while (!(await holds())) {
      if (performance.now() > givenUpAt) throw new Error("the measured batch does not end");
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  };
  const accept = async (submission: Record<string, unknown>): Promise<string> => {
    const parsed = submissionSchema.parse({ recipe: { preset: "professional-polish", mode: "eco" }, ...submission });
    const lanes = { "each-sense": "twin" } as const;
    const { prices, breaker } = { prices: settings.providers.prices, breaker: settings.breaker };
    return (await acceptBatch(parsed, { ledger, bus, openStore: stores.open, lanes, prices, breaker })).id;
  };

  return {
    run: async (portraits, watched) => {
      batches += 1;
      const source = stores.open(`${root}in-${batches}/`);
      for (let index = 0; index < portraits; index += 1) {
        const bytes = Buffer.concat([photo, Buffer.from(`#${batches}-${index}`)]);
        await source.put(`p${index}.jpg`, bytes, { contentType: "image/jpeg" });
      }
      const starts = new Map<number, number>();
      const took: number[] = [];
      let [firstAt, lastAt] = [Infinity, 0];
      let wallMs = 0;
      let cpuUs = 0;
      const work = async (): Promise<void> => {
        const before = await redis.cpuUs();
        const startedAt = performance.now();
        const id = await accept({ source: `${root}in-${batches}/`, destination: `${root}out-${batches}/` });
        const stop = await bus.onEvent(id, (event) => {
          const now = performance.now();
          if (event.type === "portrait-start") {
            starts.set(event.index, now);
            firstAt = Math.min(firstAt, now);
          }
          if (event.type === "portrait-end") {
            took.push(now - (starts.get(event.index) ?? startedAt));
            lastAt = now;
          }
        });
        await until(async () => (await client.hget(`real:{${id}}:meta`, "endedAt")) !== null);
        wallMs = performance.now() - startedAt;
        cpuUs = (await redis.cpuUs()) - before;
        await stop();
      };
      const commands = watched ? await countCommands(client, "info", work) : (await work(), new Map<string, number>());
      const besideProviderMs = took.reduce((sum, ms) => sum + ms, 0) / took.length - latencyMs;
      return {
        wallSeconds: wallMs / 1_000,
        workSeconds: (lastAt - firstAt) / 1_000,
        redisCpuUs: cpuUs,
        commands,
        besideProviderMs,
      };
    },
    ingest: async (rows) => {
      const lines = Array.from({ length: rows }, (_, index) => `portraits/p${index}.jpg,id${index},design`);
      const text = `source,id,department\n${lines.join("\n")}\n`;
      await stores.open(root).put("team.csv", Buffer.from(text), { contentType: "text/csv" });
      const startedAt = performance.now();
      const id = await accept({ source: `${root}team.csv`, destination: `${root}out-rows/`, confirm: true });
      await until(async () => (await client.hget(`real:{${id}}:meta`, "ingested")) !== null);
      const seconds = (performance.now() - startedAt) / 1_000;
      return rows / seconds;
    },
    idle: async () => {
      const before = await redis.cpuUs();
      const startedAt = performance.now();
      await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
      return (((await redis.cpuUs()) - before) / (performance.now() - startedAt)) * 1_000;
    },
    close: async () => {
      await worker.close();
      await producer.close();
      await api.close();
      await twin.close();
      await stores.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
