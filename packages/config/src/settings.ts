import type { Breaker, ManifestSources, PriceTable, ProviderName } from "@darkroom/core";
import { given } from "./given.ts";

/** The settings of the engine's apps (API, producer, worker). The catalogue describes each setting. */
export interface Settings {
  readonly redis: {
    /** One of the forms that redis-kit's `parseRedisUrl` accepts. */
    readonly url: string;
    readonly access: {
      /** PEM. */
      readonly ca?: string;
      readonly sentinelUsername?: string;
      readonly sentinelPassword?: string;
    };
    readonly namespace: string;
    readonly allowUnsafe: boolean;
  };
  readonly s3: {
    readonly endpoint?: string;
    readonly region?: string;
    readonly accessKeyId?: string;
    readonly secretAccessKey?: string;
    readonly sessionToken?: string;
    readonly forcePathStyle?: boolean;
    readonly linkEndpoint?: string;
  };
  /** Proxies for requests to providers, results, `https://` sources, webhooks and S3; see web-fetch's `ProxySettings`. */
  readonly proxy: {
    readonly http?: string;
    readonly https?: string;
    readonly bypass: readonly string[];
  };
  readonly local: {
    readonly roots: readonly string[] | "any";
    readonly linkSecret: string;
    /** If undefined, no links to local folders can be created. */
    readonly linkBaseUrl?: string;
  };
  /** Store prefixes that manifest rows may name outside of the batch's base. */
  readonly manifestSources: ManifestSources;
  /** Store for photos uploaded through the web page. Absent if the page accepts no uploads. */
  readonly uploadsUrl?: string;
  readonly providers: {
    readonly twin: boolean;
    /** One lane each. If a provider has several accounts, the first is the default. */
    readonly accounts: readonly Account[];
    readonly prices: PriceTable;
    /** Marks of former keys of the accounts. */
    readonly formerKeys: readonly string[];
    readonly allowPrivateSources: boolean;
  };
  readonly webhooks: {
    /** True to allow endpoints in private networks and without TLS. */
    readonly allowPrivate: boolean;
  };
  readonly lane: LaneLimits & {
    /** Concurrent portraits per worker and lane. Defaults to the lane's limit. */
    readonly workerConcurrency?: number;
    readonly outage: {
      /** Consecutive failures that block a lane. 0 disables. */
      readonly failures: number;
      readonly windowMs: number;
    };
  };
  /** The default failure breaker for batches; false for none. */
  readonly breaker: Breaker | false;
  readonly timing: {
    readonly attempts: number;
    readonly backoff: { readonly baseMs: number; readonly capMs: number };
    readonly deadlineMs: number;
    readonly idleMs: number;
    readonly lockMs: number;
    readonly graceMs: number;
    readonly probeMs: number;
    /** Upper limit for a provider's requested delay. */
    readonly retryAfterCapMs: number;
  };
  readonly api: { readonly host: string; readonly port: number; readonly apiKey?: string };
  readonly metricsPort?: number;
  /** Memory for decoded pictures, per worker. */
  readonly imageMemoryBytes: number;
  /** True to store thumbnails for the web page. */
  readonly thumbnails: boolean;
  /** True to search photos for faces. */
  readonly faces: boolean;
  /** Processes that each run one portrait alone, because workers died while processing it. */
  readonly isolated: {
    /** Maximum number per worker. */
    readonly atOnce: number;
    /** Memory limit of each process. */
    readonly memoryBytes: number;
  };
  /** Column separator of reports. */
  readonly csvSeparator: CsvSeparator;
  readonly dataDir: string;
  readonly log: { readonly level: string };
  /** A warning for each `DARKROOM_…` variable that is not a setting. Shown to the user, never an error. */
  readonly unknownVariables: readonly string[];
}

/** The allowed column separators of a report. */
export type CsvSeparator = "," | ";" | "\t";

/** A lane's limits, across all workers. */
export interface LaneLimits {
  /** Concurrent calls. */
  readonly concurrency: number;
  /** Calls per minute; unlimited if absent. */
  readonly ratePerMinute?: number;
  /** Upper limit for a hold that the provider requests. Absent if the account sets none, see {@link limitsOfLane}. */
  readonly longestHoldMs?: number;
}

interface AnyAccount extends LaneLimits {
  /** Name of the account's queue. Work for the simulator never enters the paid account's queue. */
  readonly lane: string;
  readonly apiKey: string;
  readonly baseUrl?: string;
}

export interface EachSenseAccount extends AnyAccount {
  readonly provider: "each-sense";
  readonly dialect: "chat" | "chat-completions";
  /** Address of each::storage; absent for the provider's default. */
  readonly storageUrl?: string;
}

export interface PhotaAccount extends AnyAccount {
  readonly provider: "phota";
  readonly responseMode: "urls" | "bytes";
}

/** An account with a provider. */
export type Account = EachSenseAccount | PhotaAccount;

/** Returns the default lane of each provider that these settings can call. */
export function laneNames({ providers }: Settings): Readonly<Partial<Record<ProviderName, string>>> {
  const names: Partial<Record<ProviderName, string>> = {};
  for (const { provider, lane } of providers.accounts) names[provider] ??= lane;
  return names;
}

/** Returns the provider of each lane. */
export function laneProviders({ providers }: Settings): Readonly<Record<string, ProviderName>> {
  return Object.fromEntries(providers.accounts.map(({ lane, provider }) => [lane, provider]));
}

/** Returns a lane's limits. A lane without an account here gets the general settings. */
export function limitsOfLane({ providers, lane, timing }: Settings, name: string): LaneLimits {
  const { concurrency, ratePerMinute } = providers.accounts.find((account) => account.lane === name) ?? lane;
  return given<LaneLimits>({ concurrency, ratePerMinute, longestHoldMs: timing.retryAfterCapMs });
}
