import type { LaneNames } from "@darkroom/intake";
import type { CsvSeparator, LaneLimits } from "@darkroom/config";
import type { Gate, Lane, TickQueue } from "@darkroom/lanes";
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

/** What every part of a producer works with. */
export interface ProducerContext {
  readonly ledger: Ledger;
  readonly destinations: BlockedDestinations;
  readonly costs: CostBook;
  readonly bus: Bus;
  readonly continuity: FailoverDetector;
  readonly attendance: Pick<Staffing, "at">;
  /** What this process has: it leaves a batch alone that needs anything else. */
  readonly means: OwnMeans;
  readonly schedules: Schedules;
  readonly ticks: TickQueue;
  readonly openStore: OpenStore;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** The lane of that name, opened once. */
  readonly lane: (name: string) => Lane;
  readonly gate: (name: string) => Gate;
  readonly lanes: LaneNames;
  /** The provider of every lane that is set up here. */
  readonly laneProviders: Readonly<Record<string, ProviderName>>;
  readonly prices: PriceTable;
  /** What rows of a manifest may name outside of its base. */
  readonly manifestSources: ManifestSources;
  /** The failure breaker of batches that name none. */
  readonly breaker: Breaker | false;
  /** Between the columns of a report. */
  readonly csvSeparator: CsvSeparator;
  /** What a lane may do, as configured. */
  readonly laneLimits: (name: string) => LaneLimits;
  /** One at a time over all producers. */
  readonly lease: (what: string) => Lease;
  /** Lets go of a lease that will not be asked for again. */
  readonly forgetLease: (what: string) => void;
  /** Aborted when this producer stops. */
  readonly signal: AbortSignal;
}
