import { protocolMs } from "@darkroom/core";

// The producer's intervals and batch sizes. The simulation uses the same values.

/** Interval of the reconcile loop when no nudge arrives. */
export const TICK_MS = 250;
/** A tick costs a few reads a batch, so the interval grows with the number of batches. Nudges are not delayed. */
export const TICK_MS_PER_BATCH = 5;
/** A feed reads the counts of many batches, so the gap between two nudged feeds grows with their number. */
export const FEED_GAP_MS_PER_BATCH = 0.25;
/** Interval between rate samples of a batch. */
export const SAMPLE_MS = 5_000;
/** Interval between two report parts of a batch. */
export const DRAIN_MS = protocolMs(2_000);
/** Interval between two sweeps for orphaned jobs. */
export const SWEEP_MS = protocolMs(15_000);
/** Another producer takes over from a dead one within this time. */
export const LEASE_MS = protocolMs(6_000);
/** Portraits per read of a sweep. */
export const SWEEP_CHUNK = 131_072;
/** Outcome lines in one report part. */
export const PART_LINES = 5_000;
