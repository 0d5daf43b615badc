/**
 * The possible wait reasons of a portrait or batch. Closed: every wait has one of these reasons (P15). Add a new reason
 * here and in `docs/waiting.md`; a test compares the two. The ledger stores a reason as its index in this list.
 */
export const WAIT_REASONS = [
  "turn",
  "provider_retry",
  "provider_busy",
  "rate_limit",
  "lane_blocked",
  "recall",
  "result",
  "storage",
  "destination_blocked",
  "claim_held",
  "memory",
  "handed_back",
  "other_lane",
  "other_batch",
  "failover",
  "deaths",
  "internal",
  "cost_count",
  "stopping",
  "window",
  "unstored_results",
  "budget",
  "paused",
  "confirmation",
  "approval",
  "reopening",
  "unattended",
  "unmet_needs",
  "source",
  "snapshot",
  "report",
] as const;

export type WaitReason = (typeof WAIT_REASONS)[number];

const AFTER_FAILURE: readonly WaitReason[] = ["provider_retry", "result", "storage", "deaths", "internal"];

/** True for waits after a failure. The others are queues, limits and checks. */
export function followsFailure(reason: WaitReason): boolean {
  return AFTER_FAILURE.includes(reason);
}

/** The event that ends each wait, as text for users. `docs/waiting.md` has the same sentences. */
export const WAIT_ENDS: Readonly<Record<WaitReason, string>> = {
  turn: "a slot in its lane becomes free",
  provider_retry: "the provider answers, or the attempts are used up",
  provider_busy: "the provider ends an earlier call of the same session",
  rate_limit: "the account may start another call; `darkroom lanes unblock` ends a hold that the provider asked for",
  lane_blocked: "a probe of the lane is answered, or an operator runs `darkroom lanes unblock`",
  recall: "the provider's memory shows how an earlier call ended, or the time limit for that passes",
  result: "the result can be fetched, or the time limit for that passes",
  storage: "the store answers, or the attempts are used up",
  destination_blocked: "a write to the destination succeeds",
  claim_held: "the worker that holds the portrait ends it or is considered gone",
  memory: "a worker has free memory for its pictures",
  handed_back: "another worker takes it over",
  other_lane: "the lane that was called for it takes it",
  other_batch: "the batch that owns the same results ends, or a person cancels it",
  failover: "live workers report what they work on after Redis restarted",
  deaths: "a worker runs it alone",
  internal: "the next attempt succeeds, or the attempts are used up",
  cost_count: "the possible cost of an earlier call is counted into the budget",
  stopping: "the producer ends it, or a worker fetches what was paid for",
  window: "the batch's hours begin",
  unstored_results: "earlier paid results of the batch are stored",
  budget: "a portrait in flight releases money, or a person resumes the batch with a higher budget, or cancels it",
  paused: "a person resumes or cancels the batch",
  confirmation: "a person confirms or cancels the batch",
  approval: "a person approves the pilot or cancels the batch",
  reopening: "every portrait of the new round is reopened",
  unattended: "a producer and a worker of its lane run",
  unmet_needs: "a process runs that meets the batch's needs",
  source: "the source can be read",
  snapshot: "the snapshot can be read, or a person cancels the batch",
  report: "the report can be written, or a person cancels the batch",
};

/** Why portraits of a batch, or the batch itself, wait. */
export interface Waiting {
  readonly reason: WaitReason;
  /** Number of waiting portraits; 0 if only the batch itself waits. */
  readonly count: number;
  /** When the first of the waiting portraits is retried (ISO 8601, Redis' clock); null if an event ends the wait. */
  readonly nextLookAt: string | null;
  /** The event that ends the wait. */
  readonly endsWhen: string;
  /** The latest error message, if something failed. */
  readonly message: string | null;
}

/** Why one portrait waits. */
export interface PortraitWait {
  readonly reason: WaitReason;
  /** ISO 8601, Redis' clock. */
  readonly nextLookAt: string | null;
  readonly endsWhen: string;
}

/** A delayed portrait: the reason, and the time of the next attempt. */
export interface PutOff {
  readonly reason: WaitReason;
  readonly delayMs: number;
  /** The error message for users. Never contains a secret or a signed link. */
  readonly message?: string;
}
