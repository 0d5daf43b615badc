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

/** Time limits of a portrait in ms, and its number of attempts. */
export interface Timing {
  /** Limit of one provider call. */
  readonly deadlineMs: number;
  /** Longest silence within a provider call. */
  readonly idleMs: number;
  /** Provider failures after which a portrait fails. */
  readonly attempts: number;
  readonly backoff: BackoffPolicy;
  /** Longest delay between attempts to store a paid result. Defaults to the backoff's. */
  readonly longestStoreWaitMs?: number;
  /** Interval between recalls of a lost answer. */
  readonly lookMs: number;
  /** Upper limit for a provider's requested delay. */
  readonly retryAfterCapMs: number;
}

/** Context shared by the portraits of one lane. */
export interface LaneContext {
  readonly lane: Lane;
  readonly gate: Gate;
  readonly provider: Provider;
  /** Configured number of concurrent calls. */
  readonly concurrency: number;
  readonly outage: OutageRule;
}

/** When failures count against the provider instead of a portrait. */
export interface OutageRule {
  /** Consecutive failures, across all workers and batches, that count as an outage; 0 disables. */
  readonly failures: number;
  /** Window for counting those failures, in ms; extended to the duration of that many calls if that is longer. */
  readonly windowMs: number;
}

/** Dependencies of the steps. Time and randomness are injected. */
export interface WorkerContext {
  readonly ledger: Ledger;
  readonly bus: Bus;
  readonly heartbeats: WorkerHeartbeats;
  readonly staffing: Staffing;
  /** What this process supports. The worker skips a batch with any other requirement. */
  readonly means: OwnMeans;
  readonly failover: FailoverDetector;
  readonly openStore: OpenStore;
  readonly destinations: Destinations;
  /** Opens the delivery notes of a batch's schedule. */
  readonly openNotes: (batch: WritingBatch, deliveredUrl: string) => ObjectStore;
  readonly snapshot: SnapshotCache;
  readonly batches: BatchCache;
  readonly running: RunningPortraits;
  /** Lanes that this process believes to be blocked. Only a hint: the gate decides. */
  readonly blockedLanes: Set<string>;
  /** The results that this process is producing. Prevents other batches from paying for them. */
  readonly owners: ResultOwners;
  /** Limits how many photos are prepared in parallel. */
  readonly preparing: LimitFunction;
  /** Memory for whole pictures during conversion and finishing. */
  readonly pictureMemory: MemoryBudget;
  /** Memory for linked pictures, from before the fetch until they are stored. */
  readonly resultMemory: MemoryBudget;
  /** Memory for pictures inside answers, from before the call until they are stored. */
  readonly answerMemory: MemoryBudget;
  /** Admits one oversized answer at a time. */
  readonly outgrownAnswers: MemoryBudget;
  /** True to store thumbnails for the web page. */
  readonly thumbnails: boolean;
  /** Limits how many portraits fetch, check and store results in parallel, with their pictures in memory. */
  readonly storing: LimitFunction;
  readonly downloads: ResultDownloads;
  readonly remoteSources: RemoteSources;
  readonly timing: Timing;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly random: () => number;
  /** Runs suspect portraits in isolated processes; undefined inside one. */
  readonly isolated: IsolatedRuns | undefined;
  /** Publishes a provider's progress to watchers. */
  readonly progress: (claim: Claim, progress: { readonly message: string; readonly percent?: number }) => void;
  /** Returns the provider of a lane that this worker serves; undefined for any other lane. */
  readonly providerOf: (lane: string) => Provider | undefined;
  /** Opens any lane of the deployment to add a job. */
  readonly openLane: (name: string) => Pick<Lane, "add">;
  /** Tells the producers that a lane's prefetched jobs run low. */
  readonly nudge: (lane: string) => void;
}

/** A claimed portrait. Plain data, so that it can be sent to an isolated process. */
export interface Claim {
  readonly spec: BatchSpec;
  /** The portrait's round. `recipe` is that round's. */
  readonly round: number;
  readonly recipe: Recipe;
  /**
   * Number of times the batch was recovered from the object store. After a recovery, the provider may know calls that
   * the receipt lacks.
   */
  readonly recoveries: number;
  /** When the batch was last recovered (epoch ms, Redis' clock); 0 if never. */
  readonly recoveredAt: number;
  /** True when the batch has failed over to its fallback lane. */
  readonly diverted: boolean;
  /** True when the batch may not spend: the portrait may only recall and store. */
  readonly asksOnly: boolean;
  readonly index: number;
  readonly token: string;
  /** Fence of the ingest that wrote the claimed snapshot; see the ledger's claim. */
  readonly fence: number;
  /** True when the portrait waited at the gate before, so that its next run passes the gate first. */
  readonly waitedAtGate: boolean;
}
