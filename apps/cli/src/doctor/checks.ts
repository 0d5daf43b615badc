import { constants } from "node:fs";
import { access, mkdir, statfs } from "node:fs/promises";
import { isDarkroomError, messageOf } from "@darkroom/core";
import { findOrStartRedis } from "@darkroom/local-stack";
import { awaitRedis, checkRedis, closeRedis, connectRedis } from "@darkroom/redis-kit";
import { shownProxy } from "@darkroom/web-fetch";
import prettyBytes from "pretty-bytes";
import { DarkroomClient } from "../api/client.ts";
import type { CliEnv } from "../environment/env.ts";
import { PROVIDER_KEYS } from "../environment/provider-keys.ts";
import { findStack, unusableText } from "../local-stack/stack-file.ts";
import { failed, ok, warning, type CheckResult } from "./check-result.ts";
import { checkProviders } from "./check-provider.ts";
import { checkStore, type Place } from "./check-store.ts";
import { readable, readSettings } from "./doctor-settings.ts";

export interface Check {
  readonly name: string;
  readonly run: () => Promise<readonly CheckResult[] | CheckResult>;
}

const OLDEST_NODE = 24;
const REDIS_WITHIN_MS = 3_000;
/** Results are briefly stored in full, and the append-only file grows. */
const LITTLE_DISK_BYTES = 1_000_000_000;
/** Checks that concern only the machine that does the work. */
const OF_WORKER: readonly string[] = ["Redis", "keys", "provider"];

/** All checks of `darkroom doctor`. With an API at DARKROOM_API_URL, only those that its user can act on. */
export function allChecks(env: CliEnv, place: Place | undefined): readonly Check[] {
  const checks = everyCheck(env, place);
  return env.apiUrl === undefined ? checks : checks.filter(({ name }) => !OF_WORKER.includes(name));
}

function everyCheck(env: CliEnv, place: Place | undefined): readonly Check[] {
  return [
    { name: "Node", run: async () => checkNode(process.versions.node) },
    { name: "settings", run: async () => checkSettings(env) },
    { name: "Redis", run: () => checkRedisServer(env) },
    { name: "API", run: () => checkApi(env) },
    { name: "keys", run: async () => checkKeys(await withStacksTwin(env)) },
    { name: "proxy", run: async () => checkProxy(env) },
    { name: "provider", run: async () => checkProviders(await withStacksTwin(env)) },
    { name: "store", run: () => checkStore(env, place) },
    { name: "disk", run: () => checkDisk(env.dataDir) },
  ];
}

/** A stack of this folder that works with the twin needs no key either. */
async function withStacksTwin(env: CliEnv): Promise<CliEnv> {
  if (env.twin || env.apiUrl !== undefined) return env;
  return { ...env, twin: (await findStack(env.dataDir))?.stack.provider === "twin" };
}

function checkNode(version: string): CheckResult {
  if (Number(version.split(".")[0]) >= OLDEST_NODE) return ok(version);
  return failed(
    `${version} is too old: Node ${OLDEST_NODE} or newer is needed. Start it with ./darkroom, which includes one.`,
  );
}

function checkSettings(env: CliEnv): CheckResult {
  if (env.wrongSettings !== undefined) return failed(env.wrongSettings);
  try {
    readSettings(env);
    return ok("all variables are valid");
  } catch (error) {
    return failed(messageOf(error));
  }
}

async function checkRedisServer(env: CliEnv): Promise<readonly CheckResult[]> {
  const { dataDir, redisUrl, variables } = env;
  const tried: CheckResult[] = [];
  const server = await findOrStartRedis({
    dataDir,
    persistent: true,
    log: (line) => tried.push(warning(line)),
    ...(redisUrl === undefined ? {} : { redisUrl }),
  }).catch((error: unknown) => messageOf(error));
  if (typeof server === "string") return [...tried, failed(server)];
  const access = readable(env).redis?.access ?? {};
  const redis = connectRedis({ url: server.url, access, name: "darkroom-doctor", onError: () => undefined });
  try {
    await awaitRedis(redis, REDIS_WITHIN_MS);
    const warnings = await checkRedis(redis, variables["DARKROOM_ALLOW_UNSAFE_REDIS"] === "true");
    const how = redisUrl === undefined ? `${server.how}, started for this folder` : "the one at REDIS_URL";
    return [...tried, ok(`${how}; keeps an append-only file and evicts nothing`), ...warnings.map(warning)];
  } catch (error) {
    return [...tried, failed(messageOf(error))];
  } finally {
    await closeRedis(redis);
    await server.close();
  }
}

function checkProxy(env: CliEnv): CheckResult {
  const { http, https = http, bypass = [] } = readable(env).proxy ?? {};
  if (https === undefined) {
    return ok("none: providers, results, https sources and S3 are reached directly (HTTPS_PROXY, HTTP_PROXY)");
  }
  const plain = http === undefined ? "directly" : `through ${shownProxy(http)}`;
  const exempt = bypass.length === 0 ? "" : `; without a proxy: ${bypass.join(", ")}`;
  return ok(`https through ${shownProxy(https)}, http ${plain}${exempt}`);
}

async function checkApi(env: CliEnv): Promise<readonly CheckResult[] | CheckResult> {
  const found = env.apiUrl === undefined ? await findStack(env.dataDir) : undefined;
  if (found?.fault !== undefined) return failed(unusableText(found));
  const url = env.apiUrl ?? found?.stack.apiUrl;
  if (url === undefined) return ok("none is named and none runs here: each command starts its own");
  const client = new DarkroomClient(url, env.apiKey);
  try {
    await client.ready();
    return [ok(`${client.url} answers; ${await lanesText(client)}`), ...(await checkWebhooks(client))];
  } catch (error) {
    return failed(messageOf(error));
  } finally {
    await client.close();
  }
}

/** Returns the lanes that the key may see: none for a key of one tenant. */
async function lanesText(client: DarkroomClient): Promise<string> {
  // A wrong key fails here, and not as a key that may not see the lanes.
  await client.list(1);
  try {
    const lanes = await client.lanes();
    const work = lanes.map(({ name, blocked }) => (blocked === null ? name : `${name} (waiting: ${blocked.message})`));
    return `lanes: ${work.join(", ") || "none, so it accepts no batches"}`;
  } catch (error) {
    if (!isDarkroomError(error, "forbidden")) throw error;
    return "it accepts the key, which may not see the provider accounts";
  }
}

/** Warns of failing webhooks. A key without the scope `manage` sees no webhooks. */
async function checkWebhooks({ webhooks }: DarkroomClient): Promise<readonly CheckResult[]> {
  const all = await webhooks.list().catch(() => []);
  const broken = all.filter(({ state, disabledBy }) => state !== "enabled" && disabledBy !== "person");
  return broken.map(({ id, state, disabledReason, failure }) =>
    warning(`the webhook ${id} is ${state}: ${disabledReason ?? failure ?? ""} (darkroom webhooks show ${id})`),
  );
}

function checkKeys({ variables, providerKeys, hasListedAccounts, twin }: CliEnv): readonly CheckResult[] {
  const has = (name: string): boolean => (variables[name] ?? "").trim() !== "";
  const keys = providerKeys.map((name) => PROVIDER_KEYS[name].variable).join(" and ");
  const provider =
    keys !== ""
      ? ok(`${keys} ${providerKeys.length > 1 ? "are" : "is"} set`)
      : hasListedAccounts
        ? ok("accounts are listed; the check of the settings reports missing keys")
        : twin
          ? ok("none is needed: the twin does the work")
          : warning("EACHLABS_API_KEY and PHOTA_API_KEY are not set: set one, or use --twin, which costs nothing");
  const [id, secret] = [has("AWS_ACCESS_KEY_ID"), has("AWS_SECRET_ACCESS_KEY")];
  const s3 =
    id && secret
      ? ok("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set")
      : id || secret
        ? failed(`${id ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID"} is missing, but the other one is set`)
        : ok("no S3 keys in the environment: the AWS SDK's default credential chain is used");
  return [provider, s3];
}

async function checkDisk(dataDir: string): Promise<CheckResult> {
  try {
    await mkdir(dataDir, { recursive: true });
    await access(dataDir, constants.W_OK);
    const { bavail, bsize } = await statfs(dataDir);
    const free = bavail * bsize;
    const text = `${prettyBytes(free)} free at ${dataDir}`;
    return free < LITTLE_DISK_BYTES ? warning(`only ${text}`) : ok(text);
  } catch (error) {
    return failed(`${dataDir} cannot be written: ${messageOf(error)}. Set DARKROOM_DATA_DIR to another folder.`);
  }
}
