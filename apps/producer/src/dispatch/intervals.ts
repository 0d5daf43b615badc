import { protocolMs } from "@darkroom/core";

// The producer's intervals and batch sizes. The simulation imports them too.

/** Interval of the reconcile loop when no nudge arrives. */
export const TICK_MS = 250;
/** Added to the interval per batch, because a tick makes a few reads for each batch. Nudges are not delayed. */
export const TICK_MS_PER_BATCH = 5;
/** Added to the gap between two nudged feeds per batch, because a feed reads the counts of many batches. */
export const FEED_GAP_MS_PER_BATCH = 0.25;
/** Interval between rate samples of a batch. */
export const SAMPLE_MS = 5_000;
/** Interval between two report parts of a batch. */
export const DRAIN_MS = protocolMs(2_000);
/** Interval between two sweeps for orphaned jobs. */
export const SWEEP_MS = protocolMs(15_000);
/** Time within which another producer takes over from a dead one. */
export const LEASE_MS = protocolMs(6_000);
/** Portraits per read of a sweep. */
export const SWEEP_CHUNK = 131_072;
/** Outcome lines in one report part. */
export const PART_LINES = 5_000;
