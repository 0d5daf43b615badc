/** How a setting's text is parsed. */
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
  /** As written in the environment. Absent means unset. */
  readonly default?: string;
  /** Bounds of an integer, inclusive. */
  readonly min?: number;
  readonly max?: number;
  /** One line for users, with the unit. */
  readonly meaning: string;
}

/** Every variable that Darkroom's apps read. A test compares the list with `docs/configuration.md`. */
export const SETTINGS = {
  REDIS_URL: {
    kind: "url",
    default: "redis://127.0.0.1:6379",
    meaning:
      "Redis with an append-only file and `noeviction`. Other forms: `rediss://`, `redis+sentinel://host:port,host:port/masterName`, `redis+cluster://host:port,host:port`.",
  },
  DARKROOM_REDIS_CA_FILE: {
    kind: "text",
    meaning: "File with the PEM certificates that verify Redis. Defaults to the system's authorities.",
  },
  DARKROOM_SENTINEL_USERNAME: { kind: "text", meaning: "User of the Sentinels." },
  DARKROOM_SENTINEL_PASSWORD: { kind: "secret", meaning: "Password of the Sentinels; the URL holds the master's." },
  DARKROOM_NAMESPACE: {
    kind: "text",
    default: "darkroom",
    meaning: "Prefix of all Redis keys, so that deployments can share a Redis; letters, digits, dots, dashes and `_`.",
  },
  DARKROOM_ALLOW_UNSAFE_REDIS: {
    kind: "boolean",
    default: "false",
    meaning: "Start even if Redis may evict keys or has no append-only file.",
  },
  EACHLABS_API_KEY: { kind: "secret", meaning: "Key of the each::sense account." },
  EACHLABS_BASE_URL: { kind: "url", meaning: "Base URL of each::sense. Defaults to the dialect's own." },
  EACHLABS_DIALECT: {
    kind: ["chat", "chat-completions"],
    default: "chat",
    meaning: "Endpoint of the provider.",
  },
  EACHLABS_PLAN: {
    kind: ["free", "pro", "enterprise"],
    meaning:
      "Plan of the each::sense account: 2 concurrent calls and 10 a minute, 10 and 60, or 50 and 300. DARKROOM_LANE_CONCURRENCY and DARKROOM_LANE_RATE_PER_MINUTE override it.",
  },
  DARKROOM_ACCOUNTS: {
    kind: "accounts",
    meaning:
      'Further accounts, one lane each, as JSON: `[{"lane":"studio-b","provider":"each-sense","keyVariable":"STUDIO_B_KEY","plan":"pro"}]`; see below.',
  },
  DARKROOM_ACCOUNTS_FILE: { kind: "text", meaning: "File with that JSON, instead of DARKROOM_ACCOUNTS." },
  DARKROOM_FORMER_KEYS: {
    kind: "list",
    meaning:
      "Marks of replaced keys, separated by commas, for workers: the lane's present key continues batches that were accepted with such a key. A batch's status names the mark.",
  },
  EACHLABS_STORAGE_URL: {
    kind: "url",
    meaning:
      "Base URL of each::storage, for photos that the provider cannot fetch. Defaults to `https://api.eachlabs.ai`, with the twin to EACHLABS_BASE_URL.",
  },
  PHOTA_API_KEY: { kind: "secret", meaning: "Key of the Phota account." },
  PHOTA_BASE_URL: { kind: "url", default: "https://api.photalabs.com", meaning: "Base URL of Phota." },
  PHOTA_RESPONSE_MODE: {
    kind: ["urls", "bytes"],
    default: "urls",
    meaning:
      "How Phota returns results: as signed links, which outlive a worker, or within the answer, if links cannot be fetched.",
  },
  AWS_ACCESS_KEY_ID: {
    kind: "secret",
    meaning: "S3 access key; without key and secret the AWS SDK's own chain is used.",
  },
  AWS_SECRET_ACCESS_KEY: { kind: "secret", meaning: "S3 secret key." },
  AWS_SESSION_TOKEN: { kind: "secret", meaning: "Token of temporary S3 credentials." },
  AWS_REGION: { kind: "text", meaning: "S3 region." },
  AWS_ENDPOINT_URL_S3: { kind: "url", meaning: "Endpoint of an S3-compatible store." },
  DARKROOM_S3_PATH_STYLE: {
    kind: "boolean",
    meaning: "Address buckets by path. Defaults to true if an endpoint is set.",
  },
  DARKROOM_S3_LINK_ENDPOINT: {
    kind: "url",
    meaning: "Endpoint in links for the provider, if it reaches the store under another name.",
  },
  DARKROOM_API_URL: {
    kind: "url",
    meaning: "API that the command calls; without it the command runs everything itself.",
  },
  DARKROOM_API_KEY: {
    kind: "secret",
    meaning:
      "Root key of the API; without one it listens on loopback only. `darkroom keys` issues keys for programs. The command sends it, or any other key.",
  },
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
    meaning: "URL at which the provider reaches this API, for links to photos in local folders.",
  },
  DARKROOM_DATA_DIR: {
    kind: "text",
    default: ".darkroom",
    meaning: "Folder for the command's Redis, logs and run files.",
  },
  DARKROOM_LOCAL_ROOTS: {
    kind: "list",
    meaning:
      "Folders for `file://` sources and destinations, separated by commas; `any` for all. Defaults to none, and to `any` for `darkroom start` on loopback.",
  },
  DARKROOM_MANIFEST_SOURCES: {
    kind: "list",
    meaning:
      "Store prefixes outside the base that every manifest's rows may name, separated by commas: `s3://archive/portraits/`; `any` for all. Defaults to none.",
  },
  DARKROOM_UPLOADS: {
    kind: "url",
    meaning:
      "Store for photos that people drop on the web page: `s3://bucket/uploads/` or `file:///folder/`. Defaults to none, and to `uploads` in DARKROOM_DATA_DIR for `darkroom start` on loopback.",
  },
  DARKROOM_LINK_SECRET: {
    kind: "secret",
    meaning: "Signs links to photos in local folders; at least 16 characters. Defaults to a new one at each start.",
  },
  DARKROOM_ALLOW_PRIVATE_SOURCES: {
    kind: "boolean",
    default: "false",
    meaning: "Fetch `https://` sources and results from private networks too.",
  },
  DARKROOM_ALLOW_PRIVATE_WEBHOOKS: {
    kind: "boolean",
    default: "false",
    meaning: "Allow webhooks in private networks, and by `http://`. Set it where the API and the producers run.",
  },
  HTTPS_PROXY: {
    kind: "url",
    meaning:
      "Proxy for `https://` requests to providers, results, sources, webhooks and S3; also read in lower case. Defaults to HTTP_PROXY.",
  },
  HTTP_PROXY: { kind: "url", meaning: "Proxy for the same requests by `http://`; also read in lower case." },
  NO_PROXY: {
    kind: "list",
    meaning:
      "Hosts without the proxy, separated by commas: `example.com` with its subdomains, `host:port`, an address, or `*`. This machine never uses it.",
  },
  DARKROOM_LANE_CONCURRENCY: {
    kind: "integer",
    default: "10",
    min: 1,
    max: 100_000,
    meaning: "Concurrent calls on one provider account, over all workers.",
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
    meaning: "Concurrent portraits in one worker. Defaults to the lane's concurrency.",
  },
  DARKROOM_OUTAGE_FAILURES: {
    kind: "integer",
    default: "10",
    min: 0,
    max: 10_000,
    meaning: "Consecutive failures on a lane, over all workers and batches, that count as an outage. 0 disables.",
  },
  DARKROOM_OUTAGE_WINDOW_MS: {
    kind: "integer",
    default: "60000",
    min: 1_000,
    max: 86_400_000,
    meaning:
      "Window for counting those failures, in ms; extended to twice the time those calls took if that is longer.",
  },
  DARKROOM_IMAGE_MEMORY_MB: {
    kind: "integer",
    default: "192",
    min: 16,
    max: 65_536,
    meaning:
      "Memory for pictures that one worker decodes, in MiB; a larger picture goes alone. Answers with pictures, and fetched results, have a budget of this size each.",
  },
  DARKROOM_ISOLATED_AT_ONCE: {
    kind: "integer",
    default: "4",
    min: 1,
    max: 1_000,
    meaning: "Portraits, whose workers died, that one worker runs at once, each in its own process.",
  },
  DARKROOM_ISOLATED_MEMORY_MB: {
    kind: "integer",
    default: "1024",
    min: 128,
    max: 65_536,
    meaning: "Memory of such a process, in MiB; above it the worker ends the process.",
  },
  DARKROOM_CSV_SEPARATOR: {
    kind: ["comma", "semicolon", "tab"],
    default: "comma",
    meaning:
      "Separator of report.csv, failures.csv and left-out.csv, which the producer writes. Excel needs `semicolon` in locales with a decimal comma; numbers then have a decimal comma too. report.jsonl never changes.",
  },
  DARKROOM_PROBE_MS: {
    kind: "integer",
    default: "15000",
    min: 50,
    max: 600_000,
    meaning: "First wait, in ms, before one portrait probes a blocked lane; doubles up to ten minutes.",
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
    meaning: "Upper bound of the first backoff, in ms; doubles with each attempt.",
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
      "Longest wait, in ms, that the provider's `Retry-After` or rate headers can cause. Defaults to `DARKROOM_BACKOFF_CAP_MS`, at least 5000.",
  },
  DARKROOM_DEADLINE_MS: {
    kind: "integer",
    default: "900000",
    min: 100,
    max: 7_200_000,
    meaning: "Deadline of one provider call, in ms; below 600000 with the twin only.",
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
    meaning: "Time, in ms, until a dead worker's jobs go to another worker; at most the deadline, or 20000.",
  },
  DARKROOM_THUMBNAILS: {
    kind: "boolean",
    default: "true",
    meaning: "Workers keep a small WebP of each photo and result beside the report, for the web page.",
  },
  DARKROOM_FACES: {
    kind: ["on", "off"],
    default: "on",
    meaning:
      "Workers look for faces in photos and results, and quotes in a sample. `off` also saves about 150 MiB of memory for the models.",
  },
  DARKROOM_GRACE_MS: {
    kind: "integer",
    default: "25000",
    min: 0,
    max: 3_600_000,
    meaning: "Time for running portraits after SIGTERM, in ms; keep it below the orchestrator's kill time.",
  },
  DARKROOM_BREAKER: {
    kind: "boolean",
    default: "true",
    meaning: "Pause a batch when too many of its portraits fail for the same cause.",
  },
  DARKROOM_BREAKER_MINIMUM: {
    kind: "integer",
    default: "10",
    min: 1,
    max: 200,
    meaning: "Ended portraits before the breaker may act.",
  },
  DARKROOM_BREAKER_PERCENT: {
    kind: "integer",
    default: "30",
    min: 0,
    max: 100,
    meaning: "The breaker pauses a batch above this percentage of recent portraits failing for one cause.",
  },
  DARKROOM_PRICES: {
    kind: "prices",
    meaning:
      'Price table in USD as JSON, for batches that this process accepts: `{"each-sense":{"max":0.2,"eco":0.05},"phota":{"image":0.1}}`.',
  },
  DARKROOM_PRICES_FILE: { kind: "text", meaning: "File with the price table, instead of DARKROOM_PRICES." },
  DARKROOM_METRICS_PORT: {
    kind: "integer",
    min: 0,
    max: 65_535,
    meaning: "Port for `/metrics` and `/healthz` of worker and producer, on DARKROOM_HOST. Defaults to none.",
  },
  DARKROOM_LOG_LEVEL: {
    kind: ["trace", "debug", "info", "warn", "error", "silent"],
    default: "info",
    meaning: "Lowest level that is logged.",
  },
  DARKROOM_TWIN: {
    kind: "boolean",
    default: "false",
    meaning:
      "The provider at EACHLABS_BASE_URL (and at PHOTA_BASE_URL, if its key is set) is the twin: nothing is paid, short deadlines are accepted.",
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;
