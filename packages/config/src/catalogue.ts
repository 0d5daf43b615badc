/** How a setting's text is read. */
type SettingKind =
  | "text"
  | "secret"
  | "url"
  | "integer"
  | "boolean"
  | "list"
  | "prices"
  | "accounts"
  | readonly string[];

export interface Setting {
  readonly kind: SettingKind;
  /** As it would be written; absent means unset. */
  readonly default?: string;
  /** Bounds of an integer, both included. */
  readonly min?: number;
  readonly max?: number;
  /** One line for people, with the unit. */
  readonly meaning: string;
}

/** Every variable that Darkroom's apps read; `docs/configuration.md` lists the same (a test compares the two). */
export const SETTINGS = {
  REDIS_URL: {
    kind: "url",
    default: "redis://127.0.0.1:6379",
    meaning:
      "Redis with AOF and maxmemory-policy noeviction; `rediss://` for TLS. Or `redis+sentinel://host:port,host:port/masterName`, " +
      "or `redis+cluster://host:port,host:port`.",
  },
  DARKROOM_REDIS_CA_FILE: {
    kind: "text",
    meaning: "File with the PEM certificates that Redis's own is checked with. Defaults to the system's authorities.",
  },
  DARKROOM_SENTINEL_USERNAME: { kind: "text", meaning: "User of the Sentinels themselves, where they ask for one." },
  DARKROOM_SENTINEL_PASSWORD: { kind: "secret", meaning: "Password of the Sentinels; the URL's is the master's." },
  DARKROOM_NAMESPACE: {
    kind: "text",
    default: "darkroom",
    meaning: "Prefix of all Redis keys, so that deployments can share a Redis; letters, digits, dots, dashes and `_`.",
  },
  DARKROOM_ALLOW_UNSAFE_REDIS: {
    kind: "boolean",
    default: "false",
    meaning: "Start although Redis may evict keys or keeps no append-only file.",
  },
  EACHLABS_API_KEY: { kind: "secret", meaning: "Key of the each::sense account." },
  EACHLABS_BASE_URL: { kind: "url", meaning: "Base URL of each::sense. Defaults to the dialect's own." },
  EACHLABS_DIALECT: {
    kind: ["chat", "chat-completions"],
    default: "chat",
    meaning: "Which of the provider's two endpoints is spoken to.",
  },
  EACHLABS_PLAN: {
    kind: ["free", "pro", "enterprise"],
    meaning:
      "Plan of the each::sense account, for its lane's limits: 2 calls at once and 10 a minute, 10 and 60, or 50 and 300. " +
      "DARKROOM_LANE_CONCURRENCY and DARKROOM_LANE_RATE_PER_MINUTE win where they are set.",
  },
  DARKROOM_ACCOUNTS: {
    kind: "accounts",
    meaning:
      'Further accounts, a lane each, as JSON: `[{"lane":"studio-b","provider":"each-sense","keyVariable":"STUDIO_B_KEY","plan":"pro"}]`; see below.',
  },
  DARKROOM_ACCOUNTS_FILE: { kind: "text", meaning: "File with that JSON, in place of DARKROOM_ACCOUNTS." },
  DARKROOM_FORMER_KEYS: {
    kind: "list",
    meaning:
      "Marks of keys that the present ones have replaced, separated by commas, for workers: batches that were accepted " +
      "with such a key go on with the present key of their lane. A batch's status names the mark.",
  },
  EACHLABS_STORAGE_URL: {
    kind: "url",
    meaning:
      "Base URL of each::storage, for pictures that the provider cannot fetch from where they are. Defaults to " +
      "`https://api.eachlabs.ai`, with the twin to EACHLABS_BASE_URL.",
  },
  PHOTA_API_KEY: { kind: "secret", meaning: "Key of the Phota account." },
  PHOTA_BASE_URL: { kind: "url", default: "https://api.photalabs.com", meaning: "Base URL of Phota." },
  PHOTA_RESPONSE_MODE: {
    kind: ["urls", "bytes"],
    default: "urls",
    meaning:
      "How Phota gives its results: as signed links, which outlive a worker that dies, or within the answer, where links cannot be fetched.",
  },
  AWS_ACCESS_KEY_ID: {
    kind: "secret",
    meaning: "S3 access key; without it and its secret the AWS SDK's own chain is asked.",
  },
  AWS_SECRET_ACCESS_KEY: { kind: "secret", meaning: "S3 secret key." },
  AWS_SESSION_TOKEN: { kind: "secret", meaning: "Token of temporary S3 credentials." },
  AWS_REGION: { kind: "text", meaning: "S3 region." },
  AWS_ENDPOINT_URL_S3: { kind: "url", meaning: "Endpoint of an S3-compatible store." },
  DARKROOM_S3_PATH_STYLE: {
    kind: "boolean",
    meaning: "Address buckets by path. Defaults to true when an endpoint is set.",
  },
  DARKROOM_S3_LINK_ENDPOINT: {
    kind: "url",
    meaning: "Endpoint in links for the provider, where it reaches the store by another name.",
  },
  DARKROOM_API_URL: {
    kind: "url",
    meaning: "The API that the command talks to; without it the command runs everything itself.",
  },
  DARKROOM_API_KEY: { kind: "secret", meaning: "Key that the API asks for; without one it listens on loopback only." },
  DARKROOM_HOST: { kind: "text", default: "127.0.0.1", meaning: "Address that the API listens on." },
  DARKROOM_PORT: {
    kind: "integer",
    default: "8080",
    min: 0,
    max: 65_535,
    meaning: "Port of the API; 0 takes a free one.",
  },
  DARKROOM_PUBLIC_URL: {
    kind: "url",
    meaning: "URL at which a provider reaches this API, for links to photos in local folders.",
  },
  DARKROOM_DATA_DIR: {
    kind: "text",
    default: ".darkroom",
    meaning: "Folder for the local Redis, logs and run files of the command.",
  },
  DARKROOM_LOCAL_ROOTS: {
    kind: "list",
    meaning:
      "Folders that `file://` sources and destinations may lie in, separated by commas; `any` for all. Defaults to none, and " +
      "with `darkroom start` on loopback to `any`.",
  },
  DARKROOM_MANIFEST_SOURCES: {
    kind: "list",
    meaning:
      "Prefixes of stores that the rows of every manifest may name outside of their batch's base, separated by commas: " +
      "`s3://archive/portraits/`; `any` for whatever can be read. Defaults to none.",
  },
  DARKROOM_LINK_SECRET: {
    kind: "secret",
    meaning: "Signs links to photos in local folders; at least 16 characters. Defaults to a new one at each start.",
  },
  DARKROOM_ALLOW_PRIVATE_SOURCES: {
    kind: "boolean",
    default: "false",
    meaning: "Fetch `https://` sources, and results, from private networks too.",
  },
  HTTPS_PROXY: {
    kind: "url",
    meaning:
      "Proxy for `https://` requests to providers, results, sources and S3; also read in lower case. Defaults to HTTP_PROXY.",
  },
  HTTP_PROXY: { kind: "url", meaning: "Proxy for `http://` requests of the same kinds; also read in lower case." },
  NO_PROXY: {
    kind: "list",
    meaning:
      "Hosts that are reached without the proxy, separated by commas: `example.com` with its subdomains, `host:port`, an address, or `*`. This machine itself always is.",
  },
  DARKROOM_LANE_CONCURRENCY: {
    kind: "integer",
    default: "10",
    min: 1,
    max: 100_000,
    meaning: "Calls at once on one provider account, over all workers.",
  },
  DARKROOM_LANE_RATE_PER_MINUTE: {
    kind: "integer",
    min: 1,
    max: 1_000_000,
    meaning: "Calls a minute on one provider account, over all workers. Defaults to no limit.",
  },
  DARKROOM_WORKER_CONCURRENCY: {
    kind: "integer",
    min: 1,
    max: 100_000,
    meaning: "Portraits at once in one worker. Defaults to the lane's concurrency.",
  },
  DARKROOM_OUTAGE_FAILURES: {
    kind: "integer",
    default: "10",
    min: 0,
    max: 10_000,
    meaning:
      "So many provider failures in a row on a lane, over all workers and batches, block it as an outage; 0 never does.",
  },
  DARKROOM_OUTAGE_WINDOW_MS: {
    kind: "integer",
    default: "60000",
    min: 1_000,
    max: 86_400_000,
    meaning: "The time that they lie in, in ms; twice as long as so many calls took, where that is more.",
  },
  DARKROOM_IMAGE_MEMORY_MB: {
    kind: "integer",
    default: "192",
    min: 16,
    max: 65_536,
    meaning:
      "Memory for pictures that are decoded at the same time in one worker, in MiB; a larger picture goes alone. As much again for answers that hold their pictures, and for results that are fetched.",
  },
  DARKROOM_ISOLATED_AT_ONCE: {
    kind: "integer",
    default: "4",
    min: 1,
    max: 1_000,
    meaning: "Portraits at which workers died that one worker runs at once, each alone in a process of its own.",
  },
  DARKROOM_ISOLATED_MEMORY_MB: {
    kind: "integer",
    default: "1024",
    min: 128,
    max: 65_536,
    meaning: "Memory that such a process may take, in MiB, before it is ended.",
  },
  DARKROOM_CSV_SEPARATOR: {
    kind: ["comma", "semicolon", "tab"],
    default: "comma",
    meaning:
      "What separates the columns of report.csv, failures.csv and left-out.csv. Excel opens `semicolon` right where numbers have a decimal comma. It counts where and when a report is written, by the producer; `darkroom report` gives it as it is.",
  },
  DARKROOM_PROBE_MS: {
    kind: "integer",
    default: "15000",
    min: 50,
    max: 600_000,
    meaning: "First wait, in ms, before a blocked lane is probed with one portrait; doubles up to ten minutes.",
  },
  DARKROOM_ATTEMPTS: {
    kind: "integer",
    default: "5",
    min: 1,
    max: 50,
    meaning: "Provider failures until a portrait fails.",
  },
  DARKROOM_BACKOFF_BASE_MS: {
    kind: "integer",
    default: "15000",
    min: 1,
    max: 3_600_000,
    meaning: "First backoff's upper bound, in ms; doubles from attempt to attempt.",
  },
  DARKROOM_BACKOFF_CAP_MS: {
    kind: "integer",
    default: "600000",
    min: 1,
    max: 86_400_000,
    meaning: "Longest backoff, in ms.",
  },
  DARKROOM_RETRY_AFTER_CAP_MS: {
    kind: "integer",
    min: 1_000,
    max: 604_800_000,
    meaning:
      "Longest wait that a provider's `Retry-After` or rate headers can ask for, in ms; a longer one is cut to this. Defaults to `DARKROOM_BACKOFF_CAP_MS`, at least 5000.",
  },
  DARKROOM_DEADLINE_MS: {
    kind: "integer",
    default: "900000",
    min: 100,
    max: 7_200_000,
    meaning: "One provider call, whole, in ms; less than 600000 is accepted with the twin only.",
  },
  DARKROOM_IDLE_MS: {
    kind: "integer",
    default: "300000",
    min: 50,
    max: 7_200_000,
    meaning: "Longest silence within a provider call, in ms; at most the deadline.",
  },
  DARKROOM_LOCK_MS: {
    kind: "integer",
    default: "20000",
    min: 1_000,
    max: 600_000,
    meaning: "How long a dead worker's portraits stay with it, in ms; at most the deadline, or 20000.",
  },
  DARKROOM_GRACE_MS: {
    kind: "integer",
    default: "25000",
    min: 0,
    max: 3_600_000,
    meaning: "Time that running portraits get after SIGTERM, in ms; keep it below the orchestrator's kill time.",
  },
  DARKROOM_BREAKER: {
    kind: "boolean",
    default: "true",
    meaning: "Pause a batch by itself when too many of its portraits fail for the same cause.",
  },
  DARKROOM_BREAKER_MINIMUM: {
    kind: "integer",
    default: "10",
    min: 1,
    max: 200,
    meaning: "Ended portraits before the failure breaker may act.",
  },
  DARKROOM_BREAKER_PERCENT: {
    kind: "integer",
    default: "30",
    min: 0,
    max: 100,
    meaning: "More than this percentage of a batch's last portraits failing for one cause pauses it.",
  },
  DARKROOM_PRICES: {
    kind: "prices",
    meaning:
      "What providers take, in USD as JSON, for reports, quotes, estimates and budgets of the batches that this process accepts: " +
      '`{"each-sense":{"max":0.2,"eco":0.05},"phota":{"image":0.1}}`.',
  },
  DARKROOM_PRICES_FILE: { kind: "text", meaning: "File with the price table, in place of DARKROOM_PRICES." },
  DARKROOM_METRICS_PORT: {
    kind: "integer",
    min: 0,
    max: 65_535,
    meaning: "Port at which worker and producer serve `/metrics` and `/healthz`, on DARKROOM_HOST. Defaults to none.",
  },
  DARKROOM_LOG_LEVEL: {
    kind: ["trace", "debug", "info", "warn", "error", "silent"],
    default: "info",
    meaning: "Least level of a log line.",
  },
  DARKROOM_TWIN: {
    kind: "boolean",
    default: "false",
    meaning:
      "The provider at EACHLABS_BASE_URL, and at PHOTA_BASE_URL where its key is set, is the twin: nothing is paid, short deadlines are accepted.",
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;
