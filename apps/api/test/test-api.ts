import { pathToFileURL } from "node:url";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { readEngineSettings, type Environment, type Settings } from "@darkroom/config";
import {
  BATCH_FORMAT,
  newBatchId,
  resolveRecipe,
  type BatchSpec,
  type BatchState,
  type Outcome,
  type OutcomeCode,
  type SnapshotRow,
} from "@darkroom/core";
import { batchLedgerKeys, Bus, Ledger } from "@darkroom/ledger";
import { writeSnapshotPart } from "@darkroom/manifest";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { openStores, type Stores } from "@darkroom/storage";
import { createLogger } from "@darkroom/runtime";
import { tempFolder, testNamespace, testRedisUrl } from "@darkroom/testkit";
import { startApi } from "../src/index.ts";

export interface TestApi {
  readonly url: string;
  readonly folder: string;
  readonly settings: Settings;
  readonly ledger: Ledger;
  readonly bus: Bus;
  readonly stores: Stores;
  readonly redis: ReturnType<typeof connectRedis>;
  /** Lines logged by the API. */
  readonly logged: readonly string[];
  /** Returns the URL of a folder of the test. */
  folderUrl(name: string): string;
  call(path: string, init?: RequestInit): Promise<Answer>;
  /** Creates a running batch with this many valid rows, bypassing the API. */
  batch(rows: number, change?: Partial<BatchSpec>): Promise<BatchSpec>;
  /** Ends a batch, bypassing the engine. */
  end(batchId: string, state: BatchState, reason?: string): Promise<void>;
  settle(batchId: string, index: number, code: OutcomeCode, change?: Partial<Outcome>): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

const LANE = "each-sense";

export interface TestApiOptions {
  readonly apiKey?: string;
  /** Settings in addition to those of every test. */
  readonly variables?: Environment;
  /** Wraps the API's stores. */
  readonly wrapStores?: (real: Stores) => Stores;
}

/** Starts the API on a free port, with a separate namespace and folder. */
export async function testApi(change: TestApiOptions = {}): Promise<TestApi> {
  const { wrapStores = (real) => real, apiKey, variables = {} } = change;
  const temporary = await tempFolder();
  const folder = join(temporary.path, "data");
  await mkdir(folder);
  const settings = readEngineSettings({
    REDIS_URL: testRedisUrl(),
    DARKROOM_NAMESPACE: testNamespace(),
    DARKROOM_LOCAL_ROOTS: folder,
    DARKROOM_LINK_SECRET: "a test's own secret",
    DARKROOM_UPLOADS: `${pathToFileURL(join(folder, "uploads")).href}/`,
    DARKROOM_PUBLIC_URL: "http://127.0.0.1",
    DARKROOM_PORT: "0",
    DARKROOM_API_KEY: apiKey,
    EACHLABS_API_KEY: "never used",
    DARKROOM_FACES: "off",
    ...variables,
  });
  const logged: string[] = [];
  const destination = { write: (line: string) => void logged.push(line) };
  const stores = openStores({ s3: {}, local: settings.local });
  const log = createLogger({ level: "info", name: "api", destination });
  const api = await startApi(settings, { log, stores: wrapStores(stores) });
  const onError = (): void => undefined;
  const redis = connectRedis({ url: settings.redis.url, name: "test", onError });
  const ledger = new Ledger(redis, settings.redis.namespace);
  const folderUrl = (name: string): string => `${pathToFileURL(join(folder, name)).href}/`;

  return {
    url: api.url,
    folder,
    settings,
    ledger,
    bus: new Bus(redis, redis, settings.redis.namespace),
    stores,
    redis,
    logged,
    folderUrl,
    call: async (path, init) => {
      const response = await fetch(`${api.url}${path}`, init);
      const text = await response.text();
      const isJson = /^application\/(problem\+)?json/.test(response.headers.get("content-type") ?? "");
      const body = isJson ? (JSON.parse(text) as Record<string, unknown>) : { text };
      return { status: response.status, headers: response.headers, body };
    },
    batch: async (rows, specChange = {}) => {
      const spec: BatchSpec = {
        format: BATCH_FORMAT,
        id: newBatchId(),
        createdAt: new Date().toISOString(),
        source: { kind: "prefix", url: folderUrl("in") },
        destination: { url: folderUrl("out") },
        recipe: resolveRecipe({ preset: "skin-smoothing", mode: "eco" }),
        lane: LANE,
        prices: settings.providers.prices,
        ...specChange,
      };
      await ledger.create(spec, { breaker: false });
      const store = stores.open(spec.destination.url);
      const fence = await ledger.beginIngest(spec.id);
      for (let start = 0, part = 0; start < rows; start += 1_000, part += 1) {
        const length = Math.min(1_000, rows - start);
        await writeSnapshotPart(
          store,
          spec.id,
          part,
          Array.from({ length }, (_, i) => goodRow(start + i)),
        );
        await ledger.countPart(spec.id, { fence, part, rows: length, rejected: [] });
      }
      await ledger.countPart(spec.id, { fence, part: Math.ceil(rows / 1_000), rows: 0, rejected: [], end: {} });
      return spec;
    },
    end: async (batchId, state, reason = "") => {
      const { meta } = batchLedgerKeys(settings.redis.namespace, batchId);
      await redis.hset(meta, { state, endedAt: Date.now(), ...(reason === "" ? {} : { reason }) });
      await ledger.retire(batchId);
    },
    settle: async (batchId, index, code, outcomeChange = {}) => {
      const token = `test/${index}`;
      await ledger.claims.claim(batchId, index, token);
      const outcome: Outcome = {
        code,
        billed: "no",
        message: "",
        attempts: 1,
        providerMs: 10,
        costUsd: null,
        ...outcomeChange,
      };
      await ledger.claims.settle(batchId, index, token, outcome);
    },
    [Symbol.asyncDispose]: async () => {
      await api.close();
      await closeRedis(redis);
      await stores.close();
      await temporary.remove();
    },
  };
}

export function goodRow(index: number): SnapshotRow {
  return { index, id: `p${index}`, source: `p${index}.jpg`, destination: `p${index}.jpg`, carried: { team: "blue" } };
}

/** Builds the options of a POST request with JSON. */
export function json(body: unknown, headers: Readonly<Record<string, string>> = {}): RequestInit {
  return { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}
