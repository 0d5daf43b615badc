import type { LaneNames } from "@darkroom/intake";
import type { CsvSeparator, LaneLimits } from "@darkroom/config";
import type { Gate, Lane } from "@darkroom/lanes";
import type {
  Staffing,
  BlockedDestinations,
  Bus,
  FailoverDetector,
  CostBook,
  Ledger,
  Schedules,
} from "@darkroom/ledger";
import type { Breaker, ManifestSources, OpenStore, OwnMeans, PriceTable, ProviderName } from "@darkroom/core";
import type { Lease } from "@darkroom/redis-kit";
import type { Logger, Metrics } from "@darkroom/runtime";

/** State shared by the parts of a producer. */
export interface ProducerContext {
  readonly ledger: Ledger;
  readonly destinations: BlockedDestinations;
  readonly costs: CostBook;
  readonly bus: Bus;
  readonly continuity: FailoverDetector;
  readonly attendance: Pick<Staffing, "at">;
  /** The capabilities of this process. The producer skips a batch with any other requirement. */
  readonly means: OwnMeans;
  readonly schedules: Schedules;
  readonly openStore: OpenStore;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Opens the lane with this name. Later calls return the same object. */
  readonly lane: (name: string) => Lane;
  readonly gate: (name: string) => Gate;
  readonly lanes: LaneNames;
  /** The provider of each configured lane. */
  readonly laneProviders: Readonly<Record<string, ProviderName>>;
  readonly prices: PriceTable;
  /** Locations outside their base folder that manifest rows may reference. */
  readonly manifestSources: ManifestSources;
  /** Circuit breaker for batches that do not set one. */
  readonly breaker: Breaker | false;
  /** Column separator of the report's CSV files. */
  readonly csvSeparator: CsvSeparator;
  /** The configured limits of a lane. */
  readonly laneLimits: (name: string) => LaneLimits;
  /** Returns a lease, which only one producer holds at a time. */
  readonly lease: (what: string) => Lease;
  /** Releases a lease that this producer no longer needs. */
  readonly forgetLease: (what: string) => void;
  /** Aborted when this producer stops. */
  readonly signal: AbortSignal;
}
