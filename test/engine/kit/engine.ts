import { createHash } from "node:crypto";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { pathToFileURL } from "node:url";
import sharp from "sharp";
import { laneNames, laneProviders, meansOf, readEngineSettings, type Settings } from "@darkroom/config";
import {
  batchKeys,
  EMPTY_RECEIPT,
  sessionId,
  settledCount,
  submissionSchema,
  type BatchSpec,
  type ObjectStore,
  type PortraitCounts,
  type Submission,
} from "@darkroom/core";
import { acceptBatch } from "@darkroom/intake";
import { Bus, Ledger, type BatchRecord } from "@darkroom/ledger";
import { startProducer } from "@darkroom/producer";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { openStores } from "@darkroom/storage";
import { createLogger, createMetrics } from "@darkroom/runtime";
import { tempFolder, testBucket, testNamespace, testRedisUrl, testS3, until } from "@darkroom/testkit";
import { startTwin, type TwinOptions } from "@darkroom/twin";
import { startWorker } from "@darkroom/worker";
import { startApi } from "@darkroom/api";
import { appCommand, type App } from "./app-command.ts";

export interface EngineOptions {
  readonly redisUrl?: string;
  readonly store?: "local" | "s3";
  readonly twin?: TwinOptions;
  /** Environment variables in addition to the engine's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Number of workers in this process; 0 for tests that spawn their own. */
  readonly workers?: number;
  readonly producer?: boolean;
  /** False for a deployment without links to local folders. */
  readonly links?: boolean;
  /** True if the simulator also simulates Phota. */
  readonly phota?: boolean;
}

/** Starts all of Darkroom with real parts: Redis, an object store, the simulator over HTTP, producer and workers. */
export async function startEngine(options: EngineOptions = {}) {
  const folder = await tempFolder();
  const redisUrl = options.redisUrl ?? testRedisUrl();
  const namespace = testNamespace();
  const twin = await startTwin({ latencyMs: 5, work: "light", ...options.twin });
  const s3 = options.store === "s3" ? testS3() : undefined;
  const root = s3 === undefined ? pathToFileURL(`${folder.path}/`).href : `s3://${testBucket()}/${namespace}/`;
  const env: Record<string, string> = {
    REDIS_URL: redisUrl,
    DARKROOM_NAMESPACE: namespace,
    DARKROOM_TWIN: "true",
    EACHLABS_BASE_URL: twin.url,
    EACHLABS_API_KEY: twin.apiKey,
    ...(options.phota === true ? { PHOTA_BASE_URL: twin.url, PHOTA_API_KEY: twin.apiKey } : {}),
    DARKROOM_LOCAL_ROOTS: folder.path,
    DARKROOM_UPLOADS: `${root}uploads/`,
    DARKROOM_LINK_SECRET: "a secret of this test",
    DARKROOM_LANE_CONCURRENCY: "20",
    DARKROOM_BACKOFF_BASE_MS: "100",
    DARKROOM_BACKOFF_CAP_MS: "400",
    DARKROOM_DEADLINE_MS: "20000",
    DARKROOM_IDLE_MS: "3000",
    DARKROOM_LOCK_MS: "4000",
    DARKROOM_GRACE_MS: "1000",
    DARKROOM_PORT: "0",
    DARKROOM_THUMBNAILS: "false",
    DARKROOM_FACES: "off",
    DARKROOM_LOG_LEVEL: process.env["DARKROOM_TEST_LOG"] ?? "silent",
    ...(s3 === undefined
      ? {}
      : {
          AWS_ENDPOINT_URL_S3: s3.endpoint,
          AWS_REGION: s3.region,
          AWS_ACCESS_KEY_ID: s3.accessKeyId,
          AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
        }),
    ...options.env,
  };
  const parts = () => ({
    log: createLogger({ level: env["DARKROOM_LOG_LEVEL"] ?? "silent", name: "test" }),
    metrics: createMetrics(),
  });
  const api = await startApi(readEngineSettings(env), parts());
  if (options.links !== false) env["DARKROOM_PUBLIC_URL"] = api.url;
  const settings: Settings = readEngineSettings(env);
  const redis = connectRedis({ url: redisUrl, name: "engine-test", onError: () => undefined });
  const subscriber = connectRedis({ url: redisUrl, name: "engine-test-bus", onError: () => undefined });
  const ledger = new Ledger(redis, namespace);
  const bus = new Bus(redis, subscriber, namespace);
  const stores = openStores({ s3: settings.s3, local: settings.local });
  const producerParts = parts();
  const producer = options.producer === false ? undefined : await startProducer(settings, producerParts);
  const workerParts = Array.from({ length: options.workers ?? 1 }, parts);
  const workers = await Promise.all(workerParts.map((own) => startWorker(settings, own)));
  const children: ChildProcess[] = [];
  const spawnApp = async (
    app: App,
    ready: string,
    overrides: Readonly<Record<string, string>>,
  ): Promise<{ readonly child: ChildProcess; readonly said: string }> => {
    const command = appCommand(app);
    const child = spawn(process.execPath, command.args, {
      env: { PATH: process.env["PATH"], ...command.env, ...env, DARKROOM_LOG_LEVEL: "info", ...overrides },
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    let said = "";
    for await (const chunk of child.stdout) if ((said += String(chunk)).includes(ready)) break;
    child.stdout.resume();
    return { child, said };
  };
  const source = stores.open(`${root}in/`);
  const results = stores.open(`${root}out/`);

  return {
    root,
    env,
    settings,
    twin,
    api,
    ledger,
    bus,
    redis,
    source,
    results,
    openStore: stores.open,
    /** Metrics of the producer in this process. */
    producerMetrics: producerParts.metrics,
    /** Metrics of each worker in this process. */
    workerMetrics: workerParts.map(({ metrics }) => metrics),

    /** Puts portraits into the source. Each differs from the others. */
    async addPhotos(
      count: number,
      name: (index: number) => string = (index) => `p${String(index).padStart(5, "0")}.jpg`,
    ) {
      const keys = Array.from({ length: count }, (_, index) => name(index));
      for (let start = 0; start < count; start += 50) {
        const slice = keys.slice(start, start + 50);
        await Promise.all(slice.map(async (key) => source.put(key, await photoOf(key), { contentType: "image/jpeg" })));
      }
      return keys;
    },

    /** @param schedule the schedule that the batch belongs to */
    async submit(overrides: Partial<Submission> = {}, schedule?: BatchSpec["schedule"]): Promise<string> {
      const submission = submissionSchema.parse({
        source: overrides.rows === undefined ? `${root}in/` : undefined,
        destination: `${root}out/`,
        recipe: { preset: "professional-polish", mode: "eco" },
        ...overrides,
      });
      const spec = await acceptBatch(
        submission,
        {
          ledger,
          bus,
          openStore: stores.open,
          lanes: laneNames(settings),
          laneProviders: laneProviders(settings),
          prices: settings.providers.prices,
          manifestSources: settings.manifestSources,
          breaker: settings.breaker,
          means: meansOf(settings),
        },
        schedule === undefined ? {} : { schedule },
      );
      return spec.id;
    },

    /**
     * Waits for the end of a batch. Checks on every poll that the states add up and that the number of ended portraits
     * never decreases.
     */
    async ended(batchId: string, timeoutMs = 60_000): Promise<BatchRecord> {
      let settled = 0;
      let last: BatchRecord | undefined;
      await until(
        async () => {
          last = await ledger.read(batchId);
          if (last === undefined) return false;
          assertAddsUp(last.counts);
          const now = settledCount(last.counts);
          if (now < settled) throw new Error(`ended portraits went from ${settled} to ${now}`);
          settled = now;
          return last.endedAt !== undefined;
        },
        { what: `batch ${batchId} to end`, timeoutMs },
      ).catch((error: unknown) => {
        throw new Error(`${String(error)} ${JSON.stringify(last?.counts)} ${JSON.stringify(last?.failures)}`);
      });
      if (last === undefined) throw new Error("no such batch");
      return last;
    },

    async settledAtLeast(batchId: string, count: number): Promise<void> {
      await until(
        async () => {
          const record = await ledger.read(batchId);
          return record !== undefined && settledCount(record.counts) >= count;
        },
        { what: `${count} portraits to end`, timeoutMs: 60_000 },
      );
    },

    async report(batchId: string): Promise<ReportLine[]> {
      const text = await readText(results, batchKeys(batchId).reportJsonl);
      return text
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as ReportLine);
    },

    /** Returns the provider's session of a portrait whose receipt records a provider call. */
    async sessionOf(batchId: string, index: number): Promise<string> {
      const { order, session, round = 0 } = (await ledger.receipt(batchId, index)) ?? EMPTY_RECEIPT;
      if (order === undefined) throw new Error(`portrait ${index} has no order`);
      return sessionId(batchId, order.identity, session.generation, round);
    },

    /** Spawns a worker in a separate process, to be killed or frozen. */
    spawnWorker: async (overrides: Readonly<Record<string, string>> = {}) =>
      (await spawnApp("worker", "worker started", overrides)).child,

    /** Spawns a producer in a separate process. */
    spawnProducer: async (overrides: Readonly<Record<string, string>> = {}) =>
      (await spawnApp("producer", "producer started", overrides)).child,

    /** Spawns an API in a separate process. */
    async spawnApi(
      overrides: Readonly<Record<string, string>> = {},
    ): Promise<{ readonly url: string; readonly child: ChildProcess }> {
      const { said, child } = await spawnApp("api", "API listening", overrides);
      return { url: /"url":"([^"]+)"/.exec(said)?.[1] ?? "", child };
    },

    async close() {
      await Promise.all(workers.map((worker) => worker.close()));
      for (const child of children) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        const gone = once(child, "exit");
        child.kill("SIGKILL");
        child.kill("SIGCONT");
        await gone;
      }
      await producer?.close();
      await api.close();
      await twin.close();
      await stores.close();
      await Promise.all([closeRedis(redis), closeRedis(subscriber)]);
      await folder.remove();
    },
  };
}

export type Engine = Awaited<ReturnType<typeof startEngine>>;

export interface ReportLine {
  readonly index: number;
  readonly id: string;
  readonly state: string;
  readonly outcome: string;
  readonly attempts: number;
  readonly billed: string;
  readonly message: string;
  readonly [column: string]: unknown;
}

function assertAddsUp({ total, ...states }: PortraitCounts): void {
  const sum = Object.values(states).reduce((all, count) => all + count, 0);
  if (sum !== total) throw new Error(`the states add up to ${sum} and not to ${total}: ${JSON.stringify(states)}`);
}

export async function readText(store: ObjectStore, key: string): Promise<string> {
  const { body } = await store.get(key);
  const chunks: Buffer[] = [];
  for await (const chunk of body as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Returns the newest control file of a batch; "" if there is none. */
export async function controlText(store: ObjectStore, batchId: string): Promise<string> {
  const keys: string[] = [];
  for await (const { key } of store.list({ prefix: batchKeys(batchId).controlPrefix })) keys.push(key);
  const newest = keys.toSorted().at(-1);
  return newest === undefined ? "" : await readText(store, newest).catch(() => "");
}

const WIDTH = 96;
const HEIGHT = 128;
/** The block size of JPEG with subsampled colours. */
const SQUARE = 16;

let keptPixels: Promise<Buffer> | undefined;

function basePixels(): Promise<Buffer> {
  keptPixels ??= sharp({ create: { width: WIDTH, height: HEIGHT, channels: 3, background: "#9a7b66" } })
    .composite([
      { input: Buffer.from('<svg width="96" height="128"><circle cx="48" cy="50" r="28" fill="#e0b090"/></svg>') },
    ])
    .raw()
    .toBuffer();
  return keptPixels;
}

/** Creates a photo with unique pixels: a digest of the key brightens some of its squares slightly. */
async function photoOf(key: string): Promise<Buffer> {
  const pixels = Buffer.from(await basePixels());
  const digest = createHash("sha256").update(key).digest();
  for (let square = 0; square < (WIDTH / SQUARE) * (HEIGHT / SQUARE); square += 1) {
    if (((digest[square >> 3] ?? 0) >> (square & 7)) % 2 === 0) continue;
    const [left, top] = [(square % (WIDTH / SQUARE)) * SQUARE, Math.floor(square / (WIDTH / SQUARE)) * SQUARE];
    for (let y = top; y < top + SQUARE; y += 1) {
      const row = 3 * (y * WIDTH + left);
      for (let at = row; at < row + 3 * SQUARE; at += 1) pixels[at] = (pixels[at] ?? 0) + 8;
    }
  }
  return await sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
    .jpeg({ quality: 80 })
    .toBuffer();
}
