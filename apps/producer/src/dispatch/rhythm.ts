import { protocolMs } from "@darkroom/core";

// How often a producer does what, and how much at a time. The simulation goes by it, too.

/** Without a nudge the keeper looks round this often. */
export const ROUND_MS = 250;
/** A round costs a few reads a batch: with many batches it comes less often, nudges aside. */
export const ROUND_MS_PER_BATCH = 5;
/** With many batches a feeding reads many counts: two of them on a nudge are this far apart for each batch. */
export const FEED_GAP_MS_PER_BATCH = 0.25;
/** Between two samples of a batch's rate. */
export const SAMPLE_MS = 5_000;
/** Between two looks at a batch for outcome lines that belong into its report. */
export const DRAIN_MS = protocolMs(2_000);
/** Between two looks at a batch for lost jobs. */
export const SWEEP_MS = protocolMs(15_000);
/** A producer that dies is followed by another within this. */
export const LEASE_MS = protocolMs(6_000);
/** Portraits in one read of a sweep. */
export const SWEEP_CHUNK = 131_072;
/** Outcome lines in one report part. */
export const PART_LINES = 5_000;
