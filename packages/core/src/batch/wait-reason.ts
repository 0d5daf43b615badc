/**
 * What a portrait, or a batch, can wait for. Closed: nothing waits without one of these (P15). A new reason needs a line
 * here and one in `docs/waiting.md` (a test compares the two). The ledger stores a reason as its place in this list.
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

/** True for a wait that follows something that failed; the others are turns, limits and looks. */
export function followsFailure(reason: WaitReason): boolean {
  return AFTER_FAILURE.includes(reason);
}

/** What ends each wait, as a person reads it. `docs/waiting.md` holds the same sentences. */
export const WAIT_ENDS: Readonly<Record<WaitReason, string>> = {
  turn: "a place in its lane becomes free",
  provider_retry: "the provider answers, or the attempts are used up",
  provider_busy: "the provider ends an earlier call of the same session",
  rate_limit: "the account may begin another call; `darkroom lanes unblock` lifts a hold that the provider asked for",
  lane_blocked: "a probe of the lane is answered, or a person runs `darkroom lanes unblock`",
  recall: "the provider's memory tells how an earlier call ended, or the time for that is over",
  result: "the result can be fetched, or the time for that is over",
  storage: "the store answers, or the attempts are used up",
  destination_blocked: "a write to the destination succeeds",
  claim_held: "the worker that holds the portrait ends it or is considered gone",
  memory: "a worker has memory for its pictures",
  handed_back: "another worker takes it over",
  other_lane: "the lane that was called for it takes it",
  other_batch: "the batch that owns the same results ends, or a person cancels it",
  failover: "live workers have said what they work on after Redis restarted",
  deaths: "a worker runs it alone",
  internal: "the next try succeeds, or the attempts are used up",
  cost_count: "what an earlier call may have cost is counted into the budget",
  stopping: "the producer has ended it, or a worker has fetched what was paid for",
  window: "the batch's hours begin",
  unstored_results: "earlier paid results of the batch are stored",
  budget: "a portrait in flight releases money, or a person resumes the batch with a higher budget, or cancels it",
  paused: "a person resumes or cancels the batch",
  confirmation: "a person confirms or cancels the batch",
  approval: "a person approves the pilot or cancels the batch",
  reopening: "every portrait of the new round is open",
  unattended: "a producer and a worker of its lane run",
  unmet_needs: "a process runs that has what the batch needs",
  source: "the source can be read",
  snapshot: "the snapshot can be read, or a person cancels the batch",
  report: "the report can be written, or a person cancels the batch",
};

/** Why portraits of a batch wait, or what the batch itself waits for. */
export interface Waiting {
  readonly reason: WaitReason;
  /** Portraits that wait for it; 0 where only the batch itself does. */
  readonly count: number;
  /** When the first of them is looked at again (ISO 8601, Redis' clock); null where an event ends it. */
  readonly nextLookAt: string | null;
  /** What ends the wait. */
  readonly endsWhen: string;
  /** What was said last, where something failed. */
  readonly message: string | null;
}

/** Why one portrait waits. */
export interface PortraitWait {
  readonly reason: WaitReason;
  /** ISO 8601, Redis' clock. */
  readonly nextLookAt: string | null;
  readonly endsWhen: string;
}

/** A portrait that is put off: what for, and when it is looked at again. */
export interface PutOff {
  readonly reason: WaitReason;
  readonly delayMs: number;
  /** What failed, for people to read; never a secret or a signed link. */
  readonly message?: string;
}
