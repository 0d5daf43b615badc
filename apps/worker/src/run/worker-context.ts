import type { ObjectStore, OpenStore, OwnMeans, WritingBatch } from "@darkroom/core";
import type { Bus, FailoverDetector, Ledger, ResultOwners, Staffing, WorkerHeartbeats } from "@darkroom/ledger";
import type { Gate, Lane } from "@darkroom/lanes";
import type { FaceFinder } from "@darkroom/faces";
import type { MemoryBudget } from "@darkroom/imaging";
import type { LimitFunction } from "p-limit";
import type { SnapshotCache } from "@darkroom/manifest";
import type { Provider } from "@darkroom/provider-kit";
import type { Logger, Metrics } from "@darkroom/runtime";
import type { BatchCache } from "../claims/batch-cache.ts";
import type { Destinations } from "../destinations/destinations.ts";
import type { IsolatedRuns } from "../isolated/isolated-runs.ts";
import type { RunningPortraits } from "../claims/running-portraits.ts";
import type { OutageRule } from "../lanes/outage-window.ts";
import type { RemoteSources, ResultDownloads } from "@darkroom/web-fetch";
import type { Claim } from "./claim.ts";
import type { Timing } from "./timing.ts";

/** Context shared by the portraits of one lane. */
export interface LaneContext {
  readonly lane: Lane;
  readonly gate: Gate;
  readonly provider: Provider;
  /** Configured number of concurrent calls. */
  readonly concurrency: number;
  readonly outage: OutageRule;
}

/** Dependencies of the steps. Time and randomness are injected. */
export interface WorkerContext {
  readonly ledger: Ledger;
  readonly bus: Bus;
  readonly heartbeats: WorkerHeartbeats;
  readonly staffing: Staffing;
  /** The capabilities of this process. The worker skips a batch with any other requirement. */
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
  readonly faces: FaceFinder;
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
