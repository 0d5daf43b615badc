import { createReadStream, existsSync, rmSync } from "node:fs";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { HEAP_FLAGS, MALLOC_SETTING } from "@darkroom/runtime/limit-heap";
import { readEngineSettings } from "@darkroom/config";
import { settledCount, submissionSchema, type Submission } from "@darkroom/core";
import { acceptBatch } from "@darkroom/intake";
import { Bus, Ledger, type BatchRecord } from "@darkroom/ledger";
import type { S3Connection } from "@darkroom/local-stack";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { openStores } from "@darkroom/storage";
import { TWIN_API_KEY } from "@darkroom/twin";
import { appFile, ownFile, startChild, type Child } from "./child.ts";
import { pad, writeLines } from "./input-files.ts";
import { filled, picture } from "./pictures.ts";
import type { LightCall, LightSettings, LightStats } from "./provider/main.ts";
import { startBenchRedis } from "./private-redis.ts";
import { until } from "./until.ts";

export interface StageOptions {
  /** `light`: makes no picture and is never the bottleneck. `twin`: records payments. */
  readonly provider: "light" | "twin";
  readonly concurrency: number;
  readonly latencyMs: number;
  /** Random extra latency of light calls, up to this much. Defaults to 0. */
  readonly spreadMs?: number;
  /** The simulator's minimum latency; the maximum is `latencyMs`, which is also the default. */
  readonly leastLatencyMs?: number;
  /** Interval between progress events of a light call. Defaults to none. */
  readonly progressMs?: number;
  /** True if the light provider returns each photo unchanged. Defaults to false: a different picture. */
  readonly echo?: boolean;
  /** The picture that the light provider returns. Defaults to a small JPEG. */
  readonly result?: Uint8Array;
  readonly api?: boolean;
  /** True to keep photos and results in memory if the system has such a folder, so that no disk is the bottleneck. */
  readonly inMemory?: boolean;
  /** Store for sources, destinations and snapshots, in place of a local folder. */
  readonly s3?: S3Connection & { readonly bucket: string };
  /** Environment variables in addition to the stage's own. */
  readonly env?: Readonly<Record<string, string>>;
}

const MEMORY_FOLDER = "/dev/shm";
const POLL_MS = 50;
const PICTURES_AT_ONCE = 50;

/** Starts all of Darkroom as in production: a process per part, with a private Redis and folder. */
async function startStage(options: StageOptions) {
  const folder = await mkdtemp(join(options.inMemory === true ? memoryFolder() : tmpdir(), "darkroom-bench-"));
  const sweep = (): void => rmSync(folder, { recursive: true, force: true });
  process.once("exit", sweep);
  const redis = await startBenchRedis();
  const children: Child[] = [];
  const keep = async (starting: Promise<Child>): Promise<Child> => {
    const child = await starting;
    children.push(child);
    return child;
  };
  const provider = await keep(startProvider(options, folder));
  const providerUrl = addressIn(provider.said);
  const { s3 } = options;
  const root = s3 === undefined ? pathToFileURL(`${folder}/`).href : `s3://${s3.bucket}/`;
  const env: Record<string, string> = {
    REDIS_URL: redis.url,
    DARKROOM_NAMESPACE: "bench",
    DARKROOM_TWIN: "true",
    EACHLABS_BASE_URL: providerUrl,
    EACHLABS_API_KEY: TWIN_API_KEY,
    DARKROOM_LOCAL_ROOTS: folder,
    DARKROOM_LINK_SECRET: "a secret of this benchmark",
    // The script and plain BullMQ keep no small pictures.
    DARKROOM_THUMBNAILS: "false",
    DARKROOM_FACES: "off",
    DARKROOM_LANE_CONCURRENCY: String(options.concurrency),
    DARKROOM_PORT: "0",
    // The light provider fetches nothing, so any address works.
    DARKROOM_PUBLIC_URL: "http://127.0.0.1:1",
    ...(s3 === undefined ? {} : s3Environment(s3)),
    ...options.env,
  };
  let apiUrl = "";
  if (options.api === true || options.provider === "twin") {
    const api = await keep(startChild({ name: "the API", file: appFile("api"), env, ready: "API listening" }));
    apiUrl = addressIn(api.said);
    env["DARKROOM_PUBLIC_URL"] = apiUrl;
  }
  const settings = readEngineSettings(env);
  const subscriber = connectRedis({ url: redis.url, name: "bench-bus", onError: () => undefined });
  const ledger = new Ledger(redis.client, settings.redis.namespace);
  const bus = new Bus(redis.client, subscriber, settings.redis.namespace);
  const stores = openStores({ s3: settings.s3, local: settings.local });
  const source = stores.open(`${root}in/`);

  const readBatch = async (batchId: string): Promise<BatchRecord> => {
    const record = await ledger.read(batchId);
    if (record === undefined) throw new Error(`the ledger lost batch ${batchId}`);
    return record;
  };
  /** Waits until a batch meets a condition. */
  const untilBatch = (
    batchId: string,
    what: string,
    timeoutMs: number,
    holds: (batch: BatchRecord) => boolean,
  ): Promise<BatchRecord> =>
    until(
      async () => {
        const record = await readBatch(batchId);
        return holds(record) ? record : undefined;
      },
      { what: `batch ${batchId}: ${what}`, timeoutMs, everyMs: POLL_MS },
    );

  return {
    folder,
    root,
    env,
    redis,
    ledger,
    source,
    apiUrl,
    provider,
    openStore: stores.open,
    readBatch,
    untilBatch,

    /**
     * Adds photos for a prefix: p000000.jpg and so on.
     *
     * @param alike true if all have the same content; otherwise each differs
     */
    async addPhotos(count: number, alike = false): Promise<void> {
      const base = await picture("source");
      for (let start = 0; start < count; start += PICTURES_AT_ONCE) {
        const many = Array.from({ length: Math.min(PICTURES_AT_ONCE, count - start) }, (_, place) => start + place);
        await Promise.all(
          many.map((index) =>
            // Decoders ignore bytes after the picture's end, but those bytes make a different photo.
            source.put(`p${pad(index)}.jpg`, alike ? base : Buffer.concat([base, Buffer.from(`#${index}`)]), {
              contentType: "image/jpeg",
            }),
          ),
        );
      }
    },

    /**
     * Adds a manifest whose rows all name one photo, each with its own id and destination.
     *
     * @param photoBytes size to which the photo is padded
     * @returns its URL
     */
    async addManifest(name: string, rows: number, photoBytes = 0): Promise<string> {
      await source.put("one.jpg", filled(await picture("source"), photoBytes), { contentType: "image/jpeg" });
      const path = join(folder, name);
      await writeLines(path, rows, "id,source,destination\n", (row) => `${name}-${row},one.jpg,${pad(row)}.jpg\n`);
      return await this.place(path, name);
    },

    /**
     * Adds a manifest of `rows` portraits, like a team's list, without photos.
     *
     * @returns its URL
     */
    async addTeamList(name: string, rows: number): Promise<string> {
      const path = join(folder, name);
      await writeLines(
        path,
        rows,
        "source,name,department\n",
        (row) => `team/2026/portrait-${pad(row)}.jpg,"Person, No. ${row}",department ${row % 40}\n`,
      );
      return await this.place(path, name);
    },

    /** Uploads a local file to the stage's stores. */
    async place(path: string, name: string): Promise<string> {
      if (s3 === undefined) return pathToFileURL(path).href;
      const { size: sizeBytes } = await stat(path);
      await stores.open(root).put(name, createReadStream(path), { sizeBytes, contentType: "text/csv" });
      return `${root}${name}`;
    },

    async submit(overrides: Partial<Submission>): Promise<string> {
      const submission = submissionSchema.parse({
        destination: `${root}out/`,
        recipe: { preset: "professional-polish", mode: "eco" },
        ...overrides,
      });
      const lanes = { "each-sense": "twin" };
      const { breaker } = settings;
      return (await acceptBatch(submission, { ledger, bus, openStore: stores.open, lanes, prices: {}, breaker })).id;
    },

    /** Waits until every portrait of an ingested batch has ended. */
    untilSettled: (batchId: string, timeoutMs: number): Promise<BatchRecord> =>
      untilBatch(
        batchId,
        "every portrait ends",
        timeoutMs,
        ({ ingested, counts }) => ingested && settledCount(counts) === counts.total,
      ),

    /** Waits until a batch has ended and its report is written. */
    untilEnded: (batchId: string, timeoutMs: number): Promise<BatchRecord> =>
      untilBatch(batchId, "it ends", timeoutMs, ({ endedAt }) => endedAt !== undefined),

    startWorker: (overrides: Readonly<Record<string, string>> = {}): Promise<Child> =>
      keep(
        startChild({
          name: "the worker",
          file: appFile("worker"),
          nodeArgs: HEAP_FLAGS.fast,
          env: { ...MALLOC_SETTING, ...env, ...overrides },
          ready: "worker started",
        }),
      ),

    startProducer: (): Promise<Child> =>
      keep(
        startChild({
          name: "the producer",
          file: appFile("producer"),
          nodeArgs: HEAP_FLAGS.small,
          env: { ...MALLOC_SETTING, ...env },
          ready: "producer started",
        }),
      ),

    /** Starts a process of the benchmarks, which prints `ready`. */
    startOwn: (path: string, extra: Readonly<Record<string, string>> = {}): Promise<Child> =>
      keep(startChild({ name: path, file: ownFile(path), env: { ...env, ...extra }, ready: "ready" })),

    light: {
      calls: () => provider.ask<readonly LightCall[]>("calls"),
      stats: () => provider.ask<LightStats>("stats"),
      forget: () => provider.ask("forget"),
    },

    async close(): Promise<void> {
      // The provider is stopped last, because open streams would delay the others.
      provider.kill("SIGTERM");
      await Promise.all(children.map((child) => child.close()));
      await stores.close();
      await closeRedis(subscriber);
      await redis.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
      process.off("exit", sweep);
    },
  };
}

export type Stage = Awaited<ReturnType<typeof startStage>>;

/** Starts a stage, uses it, and always stops it. */
export async function onStage<T>(options: StageOptions, use: (stage: Stage) => Promise<T>): Promise<T> {
  const stage = await startStage(options);
  try {
    return await use(stage);
  } finally {
    await stage.close();
  }
}

async function startProvider(
  { provider, latencyMs, leastLatencyMs = latencyMs, spreadMs = 0, progressMs = 0, echo = false, result }: StageOptions,
  folder: string,
): Promise<Child> {
  if (provider === "light") {
    const file = ownFile("./provider/main.ts");
    const child = await startChild({ name: "the light provider", file, env: {}, ready: "listens at" });
    const resultPath = result === undefined ? undefined : join(folder, "result");
    if (resultPath !== undefined && result !== undefined) await writeFile(resultPath, result);
    await child.ask<void>("settings", { latencyMs, spreadMs, progressMs, echo, resultPath } satisfies LightSettings);
    return child;
  }
  const env = {
    DARKROOM_TWIN_PORT: "0",
    DARKROOM_TWIN_LATENCY_MS: `${leastLatencyMs}-${latencyMs}`,
    DARKROOM_TWIN_WORK: "light",
  };
  return await startChild({ name: "the twin", file: appFile("twin"), env, ready: "listens at" });
}

/** Returns the system's in-memory folder, which nearly every Linux has. */
function memoryFolder(): string {
  return existsSync(MEMORY_FOLDER) ? MEMORY_FOLDER : tmpdir();
}

/** Log lines may also contain addresses. */
function addressIn(said: string): string {
  const address = /(?:listens at |listening at |"url":")(http:[^\s;"]+)/.exec(said)?.[1];
  if (address === undefined) throw new Error(`no address in: ${said}`);
  return address;
}

function s3Environment(s3: S3Connection): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_REGION: s3.region,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
  };
}
