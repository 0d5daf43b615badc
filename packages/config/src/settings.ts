import type { Breaker, ManifestSources, PriceTable, ProviderName } from "@darkroom/core";
import { given } from "./given.ts";

/** All that the engine's apps (API, producer, worker) are told; see the catalogue for what each means. */
export interface Settings {
  readonly redis: {
    /** One of the forms of redis-kit's `parseRedisUrl`. */
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
  /** The proxies of requests to providers, results, `https://` sources and S3; see web-fetch's `ProxySettings`. */
  readonly proxy: {
    readonly http?: string;
    readonly https?: string;
    readonly bypass: readonly string[];
  };
  readonly local: {
    readonly roots: readonly string[] | "any";
    readonly linkSecret: string;
    /** Undefined: links to local folders cannot be made. */
    readonly linkBaseUrl?: string;
  };
  /** What rows of a manifest may name outside of the batch's base: prefixes of stores. */
  readonly manifestSources: ManifestSources;
  readonly providers: {
    readonly twin: boolean;
    /** One lane each; of several accounts of one provider the first is the one that a batch goes to by itself. */
    readonly accounts: readonly Account[];
    readonly prices: PriceTable;
    /** Marks of keys that those of the accounts have replaced. */
    readonly formerKeys: readonly string[];
    readonly allowPrivateSources: boolean;
  };
  readonly lane: LaneLimits & {
    /** Portraits at once in one worker and lane; absent: as many as the lane takes. */
    readonly workerConcurrency?: number;
    readonly outage: {
      /** So many failures in a row block a lane; 0: never. */
      readonly failures: number;
      readonly windowMs: number;
    };
  };
  /** The failure breaker of batches that name none; false for none. */
  readonly breaker: Breaker | false;
  readonly timing: {
    readonly attempts: number;
    readonly backoff: { readonly baseMs: number; readonly capMs: number };
    readonly deadlineMs: number;
    readonly idleMs: number;
    readonly lockMs: number;
    readonly graceMs: number;
    readonly probeMs: number;
    /** The longest wait that a provider can ask for. */
    readonly retryAfterCapMs: number;
  };
  readonly api: { readonly host: string; readonly port: number; readonly apiKey?: string };
  readonly metricsPort?: number;
  /** Held by pictures that are decoded, over one worker. */
  readonly imageMemoryBytes: number;
  /** Processes that have one portrait alone, at which workers died. */
  readonly isolated: {
    /** Over one worker. */
    readonly atOnce: number;
    /** Each of them. */
    readonly memoryBytes: number;
  };
  /** Between the columns of a report. */
  readonly csvSeparator: CsvSeparator;
  readonly dataDir: string;
  readonly log: { readonly level: string };
  /** A sentence for each `DARKROOM_…` variable that no setting has; to be shown, never an error. */
  readonly unknownVariables: readonly string[];
}

/** What may stand between the columns of a report. */
export type CsvSeparator = "," | ";" | "\t";

/** What a lane may do, over all workers. */
export interface LaneLimits {
  /** Calls at once. */
  readonly concurrency: number;
  /** Calls a minute; absent for no limit. */
  readonly ratePerMinute?: number;
  /** The longest hold that its provider can ask for; absent of an account by itself, see {@link limitsOfLane}. */
  readonly longestHoldMs?: number;
}

interface AnyAccount extends LaneLimits {
  /** The name of its queue. Work for the twin never meets the paid account's. */
  readonly lane: string;
  readonly apiKey: string;
  readonly baseUrl?: string;
}

export interface EachSenseAccount extends AnyAccount {
  readonly provider: "each-sense";
  readonly dialect: "chat" | "chat-completions";
  /** Where each::storage lives; absent for the provider's own address. */
  readonly storageUrl?: string;
}

export interface PhotaAccount extends AnyAccount {
  readonly provider: "phota";
  readonly responseMode: "urls" | "bytes";
}

/** An account with a provider. */
export type Account = EachSenseAccount | PhotaAccount;

/** The lane that a batch of each provider goes to when it names none; of the providers that these settings can call. */
export function laneNames({ providers }: Settings): Readonly<Partial<Record<ProviderName, string>>> {
  const names: Partial<Record<ProviderName, string>> = {};
  for (const { provider, lane } of providers.accounts) names[provider] ??= lane;
  return names;
}

/** The provider of each lane. */
export function laneProviders({ providers }: Settings): Readonly<Record<string, ProviderName>> {
  return Object.fromEntries(providers.accounts.map(({ lane, provider }) => [lane, provider]));
}

/** What a lane may do; of one that has no account here, what is set for all. */
export function limitsOfLane({ providers, lane, timing }: Settings, name: string): LaneLimits {
  const { concurrency, ratePerMinute } = providers.accounts.find((account) => account.lane === name) ?? lane;
  return given<LaneLimits>({ concurrency, ratePerMinute, longestHoldMs: timing.retryAfterCapMs });
}
