import { randomBytes } from "node:crypto";
import { twinLaneOf, type Breaker } from "@darkroom/core";
import { ACCOUNT_MARK } from "./account-mark.ts";
import { checkLanes, readListedAccounts, type ListedAccount } from "./accounts.ts";
import { accountsInUse, isPaidAddress } from "./paid-or-twin.ts";
import { SETTINGS } from "./catalogue.ts";
import { planLimits, PLANS } from "./plans.ts";
import { readManifestSources } from "./read-manifest-sources.ts";
import { readPrices } from "./read-prices.ts";
import { readProxy } from "./read-proxy.ts";
import { EnvironmentReader, type Environment } from "./read-environment.ts";
import { given } from "./given.ts";
import { unknownVariables } from "./unknown-variables.ts";
import type { Account, EachSenseAccount, LaneLimits, PhotaAccount, Settings } from "./settings.ts";

/** Minimum deadline for a real provider, whose slowest pictures take up to this long (provider contract A.5). */
const SHORTEST_REAL_DEADLINE_MS = 600_000;

/** Minimum length of the link secret, in characters. A shorter one could be guessed from a single signed link. */
const SHORTEST_LINK_SECRET = 16;
/**
 * Excludes braces, which would move keys to other slots of a Redis cluster, and colons, which could make keys collide
 * with those of another namespace.
 */
const NAMESPACE = /^[A-Za-z0-9][\w.-]{0,63}$/;

/** A lock of this length is valid with any deadline, even with the simulator's short ones. */
const LOCK_ALWAYS_ALLOWED_MS = Number(SETTINGS.DARKROOM_LOCK_MS.default);

/**
 * Minimum limit for a provider's requested delay: even with a short backoff, a request to wait a few seconds is
 * honoured.
 */
const LEAST_RETRY_AFTER_CAP_MS = 5_000;
const MEBIBYTE = 1_024 * 1_024;

/** Returns an account for a key; none without a key. */
function optional<T extends Account>(
  apiKey: string | undefined,
  account: (apiKey: string) => { readonly [K in keyof T]: T[K] | undefined },
): readonly T[] {
  return apiKey === undefined ? [] : [given<T>(account(apiKey))];
}

/**
 * Reads the environment once.
 *
 * @throws DarkroomError `invalid_settings` with the expected and the found value of every invalid setting
 */
export function readEngineSettings(environment: Environment): Settings {
  const read = new EnvironmentReader(environment);
  const settings = readAll(read, environment);
  read.finish();
  return settings;
}

/** Returns every problem of the settings, one sentence each. */
export function settingProblems(environment: Environment): readonly string[] {
  const read = new EnvironmentReader(environment);
  readAll(read, environment);
  return read.problems;
}

function readAll(read: EnvironmentReader, environment: Environment): Settings {
  const web = ["http", "https"];
  const endpoint = read.url("AWS_ENDPOINT_URL_S3", web);
  const twin = read.boolean("DARKROOM_TWIN") ?? false;
  const apiKey = read.text("EACHLABS_API_KEY");
  const baseUrl = read.url("EACHLABS_BASE_URL", web);
  if (twin && baseUrl === undefined) read.problem("EACHLABS_BASE_URL", "the twin's URL when DARKROOM_TWIN is true");
  if (twin && baseUrl !== undefined && isPaidAddress(baseUrl)) {
    read.problem("EACHLABS_BASE_URL", "the twin's URL and not the paid provider's while DARKROOM_TWIN is true");
  }
  const storageUrl = read.url("EACHLABS_STORAGE_URL", web);
  if (twin && storageUrl !== undefined && isPaidAddress(storageUrl)) {
    read.problem("EACHLABS_STORAGE_URL", "the twin's URL and not the provider's while DARKROOM_TWIN is true");
  }
  const photaKey = read.text("PHOTA_API_KEY");
  const photaUrl = read.url("PHOTA_BASE_URL", web);
  if (twin && photaKey !== undefined && photaUrl !== undefined && isPaidAddress(photaUrl)) {
    read.problem("PHOTA_BASE_URL", "the twin's URL and not the paid provider's while DARKROOM_TWIN is true");
  }
  const concurrency = read.integer("DARKROOM_LANE_CONCURRENCY") ?? 1;
  const backoffCapMs = read.integer("DARKROOM_BACKOFF_CAP_MS") ?? 0;
  const deadlineMs = read.integer("DARKROOM_DEADLINE_MS") ?? 0;
  const idleMs = read.integer("DARKROOM_IDLE_MS") ?? 0;
  if (!twin && deadlineMs > 0 && deadlineMs < SHORTEST_REAL_DEADLINE_MS) {
    read.problem("DARKROOM_DEADLINE_MS", `at least ${SHORTEST_REAL_DEADLINE_MS}: the provider needs up to ten minutes`);
  }
  const idleIsDefault = (environment["DARKROOM_IDLE_MS"] ?? "").trim() === "";
  if (deadlineMs > 0 && idleMs > deadlineMs && !idleIsDefault)
    read.problem("DARKROOM_IDLE_MS", `at most DARKROOM_DEADLINE_MS (${deadlineMs})`);
  const lockMs = read.integer("DARKROOM_LOCK_MS") ?? 0;
  const longestLockMs = Math.max(deadlineMs, LOCK_ALWAYS_ALLOWED_MS);
  if (deadlineMs > 0 && lockMs > longestLockMs) {
    read.problem(
      "DARKROOM_LOCK_MS",
      `at most ${longestLockMs}, the longer of DARKROOM_DEADLINE_MS and the default lock`,
    );
  }
  const namespace = read.text("DARKROOM_NAMESPACE") ?? "";
  if (!NAMESPACE.test(namespace)) read.problem("DARKROOM_NAMESPACE", "1 to 64 letters, digits, dots, dashes or _");
  const linkSecret = read.text("DARKROOM_LINK_SECRET");
  if (linkSecret !== undefined && linkSecret.length < SHORTEST_LINK_SECRET) {
    read.problem("DARKROOM_LINK_SECRET", `at least ${SHORTEST_LINK_SECRET} characters long`);
  }
  const [accessKeyId, secretAccessKey] = [read.text("AWS_ACCESS_KEY_ID"), read.text("AWS_SECRET_ACCESS_KEY")];
  if (accessKeyId === undefined && secretAccessKey !== undefined) {
    read.problem("AWS_ACCESS_KEY_ID", "set together with AWS_SECRET_ACCESS_KEY");
  }
  if (accessKeyId !== undefined && secretAccessKey === undefined) {
    read.problem("AWS_SECRET_ACCESS_KEY", "set together with AWS_ACCESS_KEY_ID");
  }
  const roots = read.list("DARKROOM_LOCAL_ROOTS");
  const limits = given<LaneLimits>({ concurrency, ratePerMinute: read.integer("DARKROOM_LANE_RATE_PER_MINUTE") });
  const plan = planLimits(read.oneOf("EACHLABS_PLAN", PLANS));
  const senseLimits: LaneLimits = {
    ...limits,
    ...plan,
    ...(read.isSet("DARKROOM_LANE_CONCURRENCY") ? { concurrency } : {}),
    ...(limits.ratePerMinute === undefined ? {} : { ratePerMinute: limits.ratePerMinute }),
  };
  const dialect = read.text("EACHLABS_DIALECT") === "chat-completions" ? "chat-completions" : "chat";
  const responseMode = read.text("PHOTA_RESPONSE_MODE") === "bytes" ? "bytes" : "urls";
  const listed = readListedAccounts(read, limits).map((account) =>
    accountOf(account, { read, twin, baseUrl, photaUrl, dialect, responseMode, storageUrl }),
  );
  const all: readonly Account[] = [
    ...optional<EachSenseAccount>(apiKey, (key) => ({
      provider: "each-sense",
      lane: twin ? twinLaneOf("each-sense") : "each-sense",
      apiKey: key,
      baseUrl,
      dialect,
      // The simulator is its own storage, because its pictures must never go to the provider's storage.
      storageUrl: storageUrl ?? (twin ? baseUrl : undefined),
      ...senseLimits,
    })),
    ...optional<PhotaAccount>(photaKey, (key) => ({
      provider: "phota",
      lane: twin ? twinLaneOf("phota") : "phota",
      apiKey: key,
      baseUrl: photaUrl,
      responseMode,
      ...limits,
    })),
    ...listed,
  ];
  checkLanes(read, all, twin);
  const accounts = accountsInUse(all, twin);
  return {
    redis: {
      url: read.redisUrl("REDIS_URL") ?? "",
      access: given<Settings["redis"]["access"]>({
        ca: read.certificates("DARKROOM_REDIS_CA_FILE"),
        sentinelUsername: read.text("DARKROOM_SENTINEL_USERNAME"),
        sentinelPassword: read.text("DARKROOM_SENTINEL_PASSWORD"),
      }),
      namespace,
      allowUnsafe: read.boolean("DARKROOM_ALLOW_UNSAFE_REDIS") ?? false,
    },
    s3: given<Settings["s3"]>({
      endpoint,
      region: read.text("AWS_REGION"),
      accessKeyId,
      secretAccessKey,
      sessionToken: read.text("AWS_SESSION_TOKEN"),
      forcePathStyle: read.boolean("DARKROOM_S3_PATH_STYLE") ?? (endpoint === undefined ? undefined : true),
      linkEndpoint: read.url("DARKROOM_S3_LINK_ENDPOINT", web),
    }),
    proxy: readProxy(read),
    local: given<Settings["local"]>({
      roots: roots.includes("any") ? "any" : roots,
      linkSecret: linkSecret ?? randomBytes(32).toString("hex"),
      linkBaseUrl: read.url("DARKROOM_PUBLIC_URL", web),
    }),
    manifestSources: readManifestSources(read),
    ...given<Pick<Settings, "uploadsUrl">>({ uploadsUrl: read.url("DARKROOM_UPLOADS", ["s3", "file"]) }),
    providers: {
      twin,
      accounts,
      prices: readPrices(read),
      formerKeys: readFormerKeys(read),
      allowPrivateSources: read.boolean("DARKROOM_ALLOW_PRIVATE_SOURCES") ?? false,
    },
    webhooks: { allowPrivate: read.boolean("DARKROOM_ALLOW_PRIVATE_WEBHOOKS") ?? false },
    lane: {
      ...limits,
      ...given<{ workerConcurrency?: number }>({ workerConcurrency: read.integer("DARKROOM_WORKER_CONCURRENCY") }),
      outage: {
        failures: read.integer("DARKROOM_OUTAGE_FAILURES") ?? 0,
        windowMs: read.integer("DARKROOM_OUTAGE_WINDOW_MS") ?? 1,
      },
    },
    breaker: readBreaker(read),
    timing: {
      attempts: read.integer("DARKROOM_ATTEMPTS") ?? 0,
      backoff: {
        baseMs: read.integer("DARKROOM_BACKOFF_BASE_MS") ?? 0,
        capMs: backoffCapMs,
      },
      retryAfterCapMs: read.integer("DARKROOM_RETRY_AFTER_CAP_MS") ?? Math.max(LEAST_RETRY_AFTER_CAP_MS, backoffCapMs),
      deadlineMs,
      idleMs: Math.min(idleMs, deadlineMs),
      lockMs,
      graceMs: read.integer("DARKROOM_GRACE_MS") ?? 0,
      probeMs: read.integer("DARKROOM_PROBE_MS") ?? 0,
    },
    api: given<Settings["api"]>({
      host: read.text("DARKROOM_HOST") ?? "",
      port: read.integer("DARKROOM_PORT") ?? 0,
      apiKey: read.text("DARKROOM_API_KEY"),
    }),
    ...given<{ metricsPort?: number }>({ metricsPort: read.integer("DARKROOM_METRICS_PORT") }),
    thumbnails: read.boolean("DARKROOM_THUMBNAILS") ?? true,
    faces: read.oneOf("DARKROOM_FACES", ["on", "off"]) !== "off",
    imageMemoryBytes: (read.integer("DARKROOM_IMAGE_MEMORY_MB") ?? 0) * MEBIBYTE,
    isolated: {
      atOnce: read.integer("DARKROOM_ISOLATED_AT_ONCE") ?? 0,
      memoryBytes: (read.integer("DARKROOM_ISOLATED_MEMORY_MB") ?? 0) * MEBIBYTE,
    },
    csvSeparator: CSV_SEPARATORS[read.oneOf("DARKROOM_CSV_SEPARATOR", ["comma", "semicolon", "tab"]) ?? "comma"],
    dataDir: read.text("DARKROOM_DATA_DIR") ?? "",
    log: { level: read.text("DARKROOM_LOG_LEVEL") ?? "info" },
    unknownVariables: unknownVariables(environment),
  };
}

const CSV_SEPARATORS = { comma: ",", semicolon: ";", tab: "\t" } as const;

interface AccountDefaults {
  readonly read: EnvironmentReader;
  readonly twin: boolean;
  readonly baseUrl: string | undefined;
  readonly photaUrl: string | undefined;
  readonly dialect: EachSenseAccount["dialect"];
  readonly responseMode: PhotaAccount["responseMode"];
  readonly storageUrl: string | undefined;
}

/** Returns the settings of a listed account. Fields that the entry omits default to the simple variables. */
function accountOf(
  listed: ListedAccount,
  { read, twin, baseUrl, photaUrl, dialect, responseMode, storageUrl }: AccountDefaults,
): Account {
  const { lane, provider, apiKey, concurrency, ratePerMinute } = listed;
  // A listed account's key is sent to that account's provider. The address of the simple variables applies only with
  // the simulator.
  const twinUrl = provider === "phota" ? (photaUrl ?? baseUrl) : baseUrl;
  const url = listed.baseUrl ?? (twin ? twinUrl : undefined);
  if (twin && url !== undefined && isPaidAddress(url)) {
    read.note(`DARKROOM_ACCOUNTS: the baseUrl of "${lane}" must be the twin's while DARKROOM_TWIN is true`);
  }
  const common = { lane, apiKey, baseUrl: url, concurrency, ratePerMinute };
  switch (provider) {
    case "each-sense": {
      const storage = storageUrl ?? (twin ? url : undefined);
      return given<EachSenseAccount>({
        ...common,
        provider,
        dialect: listed.dialect ?? dialect,
        storageUrl: storage,
      });
    }
    case "phota":
      return given<PhotaAccount>({ ...common, provider, responseMode: listed.responseMode ?? responseMode });
  }
  return provider satisfies never;
}

function readFormerKeys(read: EnvironmentReader): readonly string[] {
  const marks = read.list("DARKROOM_FORMER_KEYS");
  if (!marks.every((mark) => ACCOUNT_MARK.test(mark))) {
    read.problem("DARKROOM_FORMER_KEYS", "marks of 12 hexadecimal digits, as shown in a batch's status");
  }
  return marks;
}

function readBreaker(read: EnvironmentReader): Breaker | false {
  if (read.boolean("DARKROOM_BREAKER") === false) return false;
  return {
    minimum: read.integer("DARKROOM_BREAKER_MINIMUM") ?? 0,
    failurePercent: read.integer("DARKROOM_BREAKER_PERCENT") ?? 0,
  };
}
