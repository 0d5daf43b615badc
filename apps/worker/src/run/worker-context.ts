import type { BackoffPolicy, BatchSpec, ObjectStore, OpenStore, OwnMeans, Recipe, WritingBatch } from "@darkroom/core";
import type { Bus, FailoverDetector, Ledger, ResultOwners, Staffing, WorkerHeartbeats } from "@darkroom/ledger";
import type { Gate, Lane } from "@darkroom/lanes";
import type { MemoryBudget } from "@darkroom/imaging";
import type { LimitFunction } from "p-limit";
import type { SnapshotCache } from "@darkroom/manifest";
import type { Provider } from "@darkroom/provider-kit";
import type { Logger, Metrics } from "@darkroom/runtime";
import type { BatchCache } from "../claims/batch-cache.ts";
import type { Destinations } from "../destinations/destinations.ts";
import type { IsolatedRuns } from "../isolated/isolated-runs.ts";
import type { RunningPortraits } from "../claims/running-portraits.ts";
import type { RemoteSources, ResultDownloads } from "@darkroom/web-fetch";

/** The limits of a portrait's way, all in milliseconds but `attempts`. */
export interface Timing {
  /** One provider call, whole. */
  readonly deadlineMs: number;
  /** Silence within a provider call. */
  readonly idleMs: number;
  /** Provider failures until a portrait fails. */
  readonly attempts: number;
  readonly backoff: BackoffPolicy;
  /** The longest wait of a paid result until storing it is tried again. Absent: the backoff's. */
  readonly longestStoreWaitMs?: number;
  /** Between two looks into a provider's memory for a lost answer. */
  readonly lookMs: number;
  /** The longest wait that a provider can ask for. */
  readonly retryAfterCapMs: number;
}

/** What one lane's portraits are worked with. */
export interface LaneContext {
  readonly lane: Lane;
  readonly gate: Gate;
  readonly provider: Provider;
  /** Calls at once, as configured. */
  readonly concurrency: number;
  readonly outage: OutageRule;
}

/** When failures are no longer a portrait's own but the provider's. */
export interface OutageRule {
  /** Consecutive failures, across all workers and batches, that count as an outage; 0 disables. */
  readonly failures: number;
  /** Window for counting those failures, in ms; extended to the time that so many calls take. */
  readonly windowMs: number;
}

/** Everything that the steps need. The clock and the dice are arguments. */
export interface WorkerContext {
  readonly ledger: Ledger;
  readonly bus: Bus;
  readonly heartbeats: WorkerHeartbeats;
  readonly staffing: Staffing;
  /** What this process has: it leaves a batch alone that needs anything else. */
  readonly means: OwnMeans;
  readonly failover: FailoverDetector;
  readonly openStore: OpenStore;
  readonly destinations: Destinations;
  /** What a batch's schedule notes of its deliveries. */
  readonly openNotes: (batch: WritingBatch, deliveredUrl: string) => ObjectStore;
  readonly snapshot: SnapshotCache;
  readonly batches: BatchCache;
  readonly running: RunningPortraits;
  /** Lanes that are blocked as far as this process has heard. A hint: the gate decides. */
  readonly restingLanes: Set<string>;
  /** Which results this process' runs make, so that no other batch pays for them meanwhile. */
  readonly owners: ResultOwners;
  /** Looks at a few photos at a time, however many portraits begin together. */
  readonly preparing: LimitFunction;
  /** For whatever holds a whole picture: converting sources, finishing results. */
  readonly pictureMemory: MemoryBudget;
  /** For pictures that are fetched by their links, from before they are until they are stored. */
  readonly resultMemory: MemoryBudget;
  /** For pictures that come within a provider's answer, from before the call until they are stored. */
  readonly answerMemory: MemoryBudget;
  /** The one answer at a time that may be larger than what was set aside for it. */
  readonly outgrownAnswers: MemoryBudget;
  /** Fetches, checks and stores the results of a few portraits at a time: their pictures are in memory. */
  readonly storing: LimitFunction;
  readonly downloads: ResultDownloads;
  readonly remoteSources: RemoteSources;
  readonly timing: Timing;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly random: () => number;
  /** Runs suspects in processes of their own; undefined in such a process. */
  readonly isolated: IsolatedRuns | undefined;
  /** Passes on what a provider says it is doing, where somebody watches. */
  readonly progress: (claim: Claim, progress: { readonly message: string; readonly percent?: number }) => void;
  /** The provider of a lane that is served here; undefined for one that is not. */
  readonly providerOf: (lane: string) => Provider | undefined;
  /** Any lane of the deployment, to put a job into. */
  readonly openLane: (name: string) => Pick<Lane, "add">;
  /** Tells the producers that a lane's window runs low. */
  readonly nudge: (lane: string) => void;
}

/** Which portrait, of which batch, under which claim. Plain data: a process of its own may be given it. */
export interface Claim {
  readonly spec: BatchSpec;
  /** The round that the portrait belongs to, and the recipe of that round. */
  readonly round: number;
  readonly recipe: Recipe;
  /** How often the batch was rebuilt from the object store: the provider may know more of this portrait than its receipt. */
  readonly recoveries: number;
  /** The batch's fallback does the work. */
  readonly diverted: boolean;
  /** Nothing may be paid for: the provider's memory is asked, and what is found is stored. */
  readonly asksOnly: boolean;
  readonly index: number;
  readonly token: string;
  /** Of the ingest whose snapshot it was claimed from; see the ledger's claim. */
  readonly fence: number;
  /** It comes back from the gate: what is asked before any other is whether it may call now. */
  readonly waitedAtGate: boolean;
}
