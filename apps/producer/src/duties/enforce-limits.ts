import type { BatchRecord } from "@darkroom/ledger";
import type { ProducerContext } from "../context.ts";

const OPEN: readonly BatchRecord["state"][] = [
  "ingesting",
  "awaiting_confirmation",
  "running",
  "awaiting_approval",
  "paused",
];

/** Enforces the user's limits: stops a batch at its deadline and pauses it when its budget is full. */
export async function enforceLimits(context: ProducerContext, record: BatchRecord, nowMs: number): Promise<void> {
  const { spec, state, counts } = record;
  if (record.cancelled || !OPEN.includes(state)) return;
  const deadline = spec.control?.deadline;
  if (deadline !== undefined && Date.parse(deadline) <= nowMs && !wasRetriedAfter(record, Date.parse(deadline))) {
    const reason = `its deadline has passed (${deadline})`;
    const stopped = await context.ledger.control.stop(
      spec.id,
      { reason, code: "deadline_passed", endsRunning: false },
      { madeFor: record },
    );
    if (stopped.kind !== "done") return;
    context.log.warn({ batch: spec.id, deadline }, "the batch's deadline has passed: stopped it");
    return;
  }
  if (record.budgetNeedsUsd === undefined || counts.queued + counts.running + counts.retrying > 0) return;
  if (!(await context.ledger.control.pauseAtBudget(spec.id))) return;
  const { costUsd, lostUsd, maybeUsd, authorizedUsd, maxCostUsd } = record;
  context.log.warn(
    { batch: spec.id, costUsd, lostUsd, maybeUsd, authorizedUsd, maxCostUsd },
    "the batch's budget is full: paused it",
  );
}

/** A user's retry after the deadline overrides the deadline. */
function wasRetriedAfter({ rounds }: BatchRecord, deadlineMs: number): boolean {
  return rounds.some(({ at }) => at >= deadlineMs);
}
