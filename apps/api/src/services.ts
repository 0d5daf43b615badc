import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { KeyStore, SessionStore } from "@darkroom/access";
import type { Breaker, ManifestSources, OpenStore, PriceTable, ProcessMeans, ProviderName } from "@darkroom/core";
import type { LaneLimits, LaneNames, LookAtFaces, LookInside } from "@darkroom/intake";
import type { Gate, Lane } from "@darkroom/lanes";
import type { Staffing, BatchRestore, BlockedDestinations, Bus, CostBook, Ledger, Schedules } from "@darkroom/ledger";
import type { SnapshotCache } from "@darkroom/manifest";
import type { DeliveryLog, WebhookQueue, WebhookStore } from "@darkroom/webhooks";
import type { IdempotencyKeys } from "./http/idempotency/idempotency-keys.ts";
import type { LiveFeed } from "./feed/live-feed.ts";
import type { OutcomeIndexes } from "./portraits/outcome-indexes.ts";
import type { OperationBook } from "./operations/operation-book.ts";
import type { RunningOperations } from "./operations/running-operations.ts";
import type { UploadBook } from "./uploads/upload-book.ts";
import type { UploadPlaces } from "./uploads/upload-places.ts";
import type { LiveBatches } from "./batches/live-batches.ts";

/** Dependencies of the routes. */
export interface Services {
  readonly keys: KeyStore;
  /** Sessions of the web page. */
  readonly sessions: SessionStore;
  /** Photos that were sent before their batch is submitted. */
  readonly uploads: UploadBook;
  readonly uploadPlaces: UploadPlaces;
  readonly webhooks: WebhookStore;
  readonly webhookQueue: WebhookQueue;
  /** Attempts to deliver webhooks. */
  readonly deliveries: DeliveryLog;
  readonly ledger: Ledger;
  readonly attendance: Staffing;
  /** Destinations that refuse writes. */
  readonly destinations: Pick<BlockedDestinations, "read">;
  readonly costs: CostBook;
  readonly bus: Bus;
  readonly schedules: Schedules;
  readonly openStore: OpenStore;
  readonly snapshot: SnapshotCache;
  readonly idempotency: IdempotencyKeys;
  /** The outcomes of batches' portraits, for filters. */
  readonly outcomes: OutcomeIndexes;
  /** Actions that are being carried out, or were. */
  readonly operationBook: OperationBook;
  readonly operations: RunningOperations;
  readonly live: LiveBatches;
  readonly liveFeed: LiveFeed;
  /** Opens the lane with this name. Later calls return the same object. */
  readonly lane: (name: string) => Lane;
  readonly lanes: LaneNames;
  /** Restores a batch that the ledger has lost. */
  readonly openRestore: (batchId: string) => BatchRestore;
  readonly prices: PriceTable;
  /** Locations outside their base folder that manifest rows may reference. */
  readonly manifestSources: ManifestSources;
  /** The capabilities of this process. A batch that this process accepts requires the same of its workers. */
  readonly means: ProcessMeans;
  /** Lane → provider. */
  readonly laneProviders: Readonly<Record<string, ProviderName>>;
  /** Configured limits of a lane across all workers. */
  readonly laneLimits: (lane: string) => LaneLimits;
  readonly gate: (name: string) => Gate;
  readonly lookInside: LookInside;
  readonly lookAtFaces: LookAtFaces;
  /** True when manifest links into private networks are fetched. */
  readonly allowPrivateSources: boolean;
  /** True to allow webhooks in private networks and without TLS. */
  readonly allowPrivateWebhooks: boolean;
  /** Failure breaker for batches that set none. */
  readonly breaker: Breaker | false;
  /** Secret that verifies links to files of local folders. */
  readonly linkSecret: string;
  /** Synchronizes this process's offset with Redis' clock, which times claims and waits. */
  readonly followClock: () => Promise<void>;
  /** Throws `redis_unavailable` at once when Redis is known to be unreachable. */
  readonly checkConnected: () => void;
  /** Pings Redis. Throws `redis_unavailable`. */
  readonly checkReady: () => Promise<void>;
  /** The Prometheus metrics. */
  readonly metrics: { readonly contentType: string; metrics(): Promise<string> };
}

declare module "fastify" {
  interface FastifyInstance {
    /** Set before the first request. The generation of the OpenAPI document does not need it. */
    services: Services;
  }
}

/** A Fastify instance with Zod schemas. */
export type ApiServer = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;
