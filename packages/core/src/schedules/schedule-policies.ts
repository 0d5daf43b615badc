/** What a schedule does with an occurrence that is due before its last batch has ended. */
export const OVERLAP_POLICIES = ["skip", "queue", "cancel-running"] as const;

export type OverlapPolicy = (typeof OVERLAP_POLICIES)[number];

/**
 * What a schedule does with occurrences that no producer could start in time: it drops them, or starts one run for all.
 */
export const MISSED_POLICIES = ["skip", "once"] as const;

export type MissedPolicy = (typeof MISSED_POLICIES)[number];

/** Outcomes of an occurrence without a batch. The feed reports each. */
export const MISSING_OUTCOMES = ["skipped_overlap", "skipped_paused", "missed", "failed"] as const;

/** The outcome of an occurrence that has no batch. */
export type UnstartedOutcome = "queued" | (typeof MISSING_OUTCOMES)[number];

/** Why a schedule's batch makes no progress until someone acts or a system outside of Darkroom recovers. */
export const STUCK_REASONS = [
  "paused",
  "budget",
  "approval",
  "confirmation",
  "lane_blocked",
  "destination_blocked",
  "unattended",
  "unmet_needs",
  "unstored_results",
  "source",
  "storage",
  "snapshot",
  "report",
  "internal",
] as const;

export type StuckReason = (typeof STUCK_REASONS)[number];
