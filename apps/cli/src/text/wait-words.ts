import { followsFailure, type BatchStatus, type Waiting, type WaitReason } from "@darkroom/core";
import { momentText } from "./machine-time.ts";

/** Wait reasons worded to follow "for", in a list and before the event that ends the wait. */
export const WAITS_FOR: Readonly<Record<WaitReason, string>> = {
  turn: "a free slot",
  provider_retry: "the next attempt",
  provider_busy: "an earlier call",
  rate_limit: "the rate limit",
  lane_blocked: "the provider",
  recall: "an earlier call's result",
  result: "a result's download",
  storage: "the object store",
  destination_blocked: "the destination",
  claim_held: "another worker",
  memory: "memory",
  handed_back: "another worker",
  other_lane: "its first provider",
  other_batch: "another batch",
  failover: "the claims of live workers",
  deaths: "a run alone",
  internal: "the next attempt",
  cost_count: "its costs to be counted",
  stopping: "its end",
  window: "its hours",
  unstored_results: "earlier results to be stored",
  budget: "a higher budget",
  paused: "you to resume it",
  confirmation: "you to confirm it",
  approval: "you to approve it",
  reopening: "its retry to begin",
  unattended: "a process to work on it",
  unmet_needs: "a process that can do it",
  source: "its source",
  snapshot: "its snapshot",
  report: "its report",
};

/** Waits that are shown in other words or not at all, such as portraits that wait for a free slot. */
const SAID_ELSEWHERE: readonly WaitReason[] = [
  "turn",
  "paused",
  "confirmation",
  "approval",
  "unattended",
  "unmet_needs",
  "stopping",
];

type BlockedWhat = NonNullable<BatchStatus["blocked"]>["what"];

/** Waits that a block already explains. In a blocked lane, a retry waits for the lane. */
const SAID_AS_BLOCKED: Readonly<Record<BlockedWhat, readonly WaitReason[]>> = {
  lane: ["lane_blocked", "destination_blocked", "provider_retry"],
  destination: ["lane_blocked", "destination_blocked"],
};

/** Formats each wait that may interest a user, such as "for the object store: 3 portraits, until …". */
export function waitTexts(waiting: BatchStatus["waiting"], blocked?: BlockedWhat): readonly string[] {
  const said = [...SAID_ELSEWHERE, ...(blocked === undefined ? [] : SAID_AS_BLOCKED[blocked])];
  return waiting.filter(({ reason }) => !said.includes(reason)).map(waitText);
}

function waitText({ reason, count, nextLookAt, endsWhen, message }: Waiting): string {
  if (reason === "window" && nextLookAt !== null) return `for its hours, which begin at ${momentText(nextLookAt)}`;
  const whom = count === 0 ? "" : `: ${count} ${count === 1 ? "portrait" : "portraits"}`;
  const look = nextLookAt === null ? "" : `, next check at ${momentText(nextLookAt)}`;
  return `for ${WAITS_FOR[reason]}${whom}, until ${endsWhen}${look}${message === null ? "" : `: ${message}`}`;
}

export interface ShownCount {
  readonly state: "succeeded" | "skipped" | "failed" | "cancelled" | "running" | "retrying" | "waiting";
  readonly count: number;
  readonly words: string;
}

/**
 * Returns the counts of a batch for display. Among the portraits that continue without action, those whose last attempt
 * failed are "retrying", and the others wait.
 */
export function shownCounts({
  counts,
  waiting,
  unattended,
}: Pick<BatchStatus, "counts" | "waiting" | "unattended">): readonly ShownCount[] {
  const afterFailure = waiting.filter(({ reason }) => followsFailure(reason));
  const retrying = Math.min(
    counts.retrying,
    afterFailure.reduce((sum, { count }) => sum + count, 0),
  );
  return [
    { state: "succeeded", count: counts.succeeded, words: "succeeded" },
    { state: "skipped", count: counts.skipped, words: "delivered already" },
    { state: "failed", count: counts.failed, words: "failed" },
    { state: "cancelled", count: counts.cancelled, words: "cancelled" },
    // The portraits' worker has died; another worker takes them over.
    {
      state: "running",
      count: counts.running,
      words: unattended?.missing.includes("worker") === true ? "interrupted" : "running",
    },
    { state: "retrying", count: retrying, words: "retrying" },
    { state: "waiting", count: counts.retrying - retrying, words: "waiting" },
  ];
}
