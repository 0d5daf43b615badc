import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { Breaker, ManifestSources, OpenStore, PriceTable, ProcessMeans, ProviderName } from "@darkroom/core";
import type { LaneLimits, LaneNames, LookInside } from "@darkroom/intake";
import type { Gate, Lane, TickQueue } from "@darkroom/lanes";
import type { Staffing, BatchRestore, BlockedDestinations, Bus, CostBook, Ledger, Schedules } from "@darkroom/ledger";
import type { SnapshotCache } from "@darkroom/manifest";
import type { IdempotencyKeys } from "./idempotency-keys.ts";
import type { LiveBatches } from "./live-batches.ts";

/** What the routes work with. */
export interface Services {
  readonly ledger: Ledger;
  readonly attendance: Staffing;
  /** The destinations that take no writes. */
  readonly destinations: Pick<BlockedDestinations, "read">;
  readonly costs: CostBook;
  readonly bus: Bus;
  readonly schedules: Schedules;
  readonly ticks: TickQueue;
  readonly openStore: OpenStore;
  readonly snapshot: SnapshotCache;
  readonly idempotency: IdempotencyKeys;
  readonly live: LiveBatches;
  /** The lane of that name, opened once. */
  readonly lane: (name: string) => Lane;
  readonly lanes: LaneNames;
  /** Puts a batch back into a ledger that has forgotten it. */
  readonly openRestore: (batchId: string) => BatchRestore;
  readonly prices: PriceTable;
  /** What rows of a manifest may name outside of its base. */
  readonly manifestSources: ManifestSources;
  /** What this process has; a batch that it accepts needs the same of those that work on it. */
  readonly means: ProcessMeans;
  /** The provider of every lane. */
  readonly laneProviders: Readonly<Record<string, ProviderName>>;
  /** What a lane may do over all workers, as configured. */
  readonly laneLimits: (lane: string) => LaneLimits;
  readonly gate: (name: string) => Gate;
  readonly lookInside: LookInside;
  /** Whether links of manifests into private networks are fetched. */
  readonly allowPrivateSources: boolean;
  /** The failure breaker of batches that name none. */
  readonly breaker: Breaker | false;
  /** Verifies the links of local folders. */
  readonly linkSecret: string;
  /** Compares this process's clock with Redis', by which claims and waits go. */
  readonly followClock: () => Promise<void>;
  /** Throws `redis_unavailable` when Redis is known to be away, so that nobody waits for it. */
  readonly checkConnected: () => void;
  /** Asks Redis. Throws `redis_unavailable`. */
  readonly checkReady: () => Promise<void>;
  /** What Prometheus scrapes. */
  readonly metrics: { readonly contentType: string; metrics(): Promise<string> };
}

declare module "fastify" {
  interface FastifyInstance {
    /** Set before the first request; the OpenAPI document is written without. */
    services: Services;
  }
}

/** A Fastify instance whose schemas are Zod's. */
export type ApiServer = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;
