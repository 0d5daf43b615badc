import type { BatchRecord } from "@darkroom/ledger";
import type { ProducerContext } from "../context.ts";

const OPEN: readonly BatchRecord["state"][] = [
  "ingesting",
  "awaiting_confirmation",
  "running",
  "awaiting_approval",
  "paused",
];

/** Keeps the limits that a person set: stops a batch at its deadline, and pauses one that its budget pays no more for. */
export async function keepLimits(context: ProducerContext, record: BatchRecord, nowMs: number): Promise<void> {
  const { spec, state, counts } = record;
  if (record.cancelled || !OPEN.includes(state)) return;
  const deadline = spec.control?.deadline;
  if (deadline !== undefined && Date.parse(deadline) <= nowMs && !wasRetriedAfter(record, Date.parse(deadline))) {
    const reason = `its deadline has passed (${deadline})`;
    const stopped = await context.ledger.control.stop(spec.id, reason, "deadline_passed", false, { madeFor: record });
    if (stopped.kind !== "done") return;
    context.log.warn({ batch: spec.id, deadline }, "a batch's deadline has passed: nothing more of it is started");
    return;
  }
  if (record.budgetNeedsUsd === undefined || counts.queued + counts.running + counts.retrying > 0) return;
  if (!(await context.ledger.control.pauseAtBudget(spec.id))) return;
  const { costUsd, lostUsd, maybeUsd, authorizedUsd, maxCostUsd } = record;
  context.log.warn(
    { batch: spec.id, costUsd, lostUsd, maybeUsd, authorizedUsd, maxCostUsd },
    "a batch's budget is used up: it is paused",
  );
}

/** Who tries portraits again when a deadline has passed wants them all the same. */
function wasRetriedAfter({ rounds }: BatchRecord, deadlineMs: number): boolean {
  return rounds.some(({ at }) => at >= deadlineMs);
}
