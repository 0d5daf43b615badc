import { newBatchId } from "@darkroom/core";
import {
  currentRun,
  describeCurrentRun,
  dueNow,
  type CurrentRun,
  type QueuedOccurrence,
  type RunClaim,
  type Schedule,
  type ScheduleRun,
} from "@darkroom/ledger";
import { planOccurrence } from "./plan-occurrence.ts";
import { startOccurrence, type OccurrenceContext } from "./run-occurrence.ts";

/** True if a schedule may have something to do: an occurrence is due, queued, or claimed and not started. */
export function hasWork(schedule: Schedule, nowMs: number): boolean {
  const { claim, queued } = schedule;
  return (
    (claim !== undefined && claim.isStarted !== true) || queued !== undefined || dueNow(schedule, nowMs) !== undefined
  );
}

/**
 * Handles a schedule's due times, queue and unfinished claim. If several producers do so at once, one of them decides,
 * and each continues the claimed occurrence.
 *
 * @param nowMs the present (epoch ms)
 * @throws DarkroomError the reason why an occurrence created no batch, which is also recorded
 */
export async function tickSchedule(context: OccurrenceContext, scheduleId: string, nowMs: number): Promise<void> {
  for (;;) {
    const schedule = await context.schedules.read(scheduleId);
    if (schedule === undefined) return;
    const { claim } = schedule;
    if (claim !== undefined && claim.isStarted !== true) return await startOccurrence(context, schedule, claim);
    const current = await currentRun(context.ledger, schedule);
    if (await carryOut(context, { schedule, current, nowMs })) return;
  }
}

interface Seen {
  readonly schedule: Schedule;
  readonly current: CurrentRun | undefined;
  readonly nowMs: number;
}

/** @returns true if the schedule needs no further work now; false if it must be checked again */
async function carryOut(context: OccurrenceContext, { schedule, current, nowMs }: Seen): Promise<boolean> {
  const { schedules } = context;
  const due = dueNow(schedule, nowMs);
  const plan = planOccurrence(schedule, due, current !== undefined);
  switch (plan.kind) {
    case "none":
      return true;
    case "reset":
      return await schedules.handle(schedule, { handledMs: nowMs });
    case "start": {
      const claim: RunClaim = { batchId: newBatchId(), at: nowMs, ...plan.occurrence };
      await schedules.claimRun(schedule, claim, due?.dueMs);
      return false;
    }
    case "skip":
    case "miss":
    case "queue": {
      const { occurrence, kind } = plan;
      const run = kind === "miss" ? missedRun(occurrence) : waitingRun(kind, occurrence, current);
      const queued = kind === "queue" ? { queued: occurrence } : {};
      await schedules.handle(schedule, { handledMs: occurrence.dueMs, run, ...queued });
      return false;
    }
    case "cancel":
      await cancelFor(context, schedule, current);
      return true;
  }
}

function missedRun({ dueMs, covers }: QueuedOccurrence): ScheduleRun {
  const message = "no producer was running when it was due";
  return { at: new Date(dueMs).toISOString(), outcome: "missed", message, ...coversField(covers) };
}

function waitingRun(
  kind: "skip" | "queue",
  { dueMs, covers }: QueuedOccurrence,
  current: CurrentRun | undefined,
): ScheduleRun {
  return {
    at: new Date(dueMs).toISOString(),
    outcome: kind === "skip" ? "skipped_overlap" : "queued",
    ...(current === undefined ? {} : { batchId: current.batchId, message: describeCurrentRun(current) }),
    ...coversField(covers),
  };
}

function coversField(covers: number): Pick<ScheduleRun, "covers"> {
  return covers > 1 ? { covers } : {};
}

/** Cancels the batch that blocks a queued occurrence, once. */
async function cancelFor(
  { ledger }: OccurrenceContext,
  { id }: Schedule,
  current: CurrentRun | undefined,
): Promise<void> {
  const record = current?.record;
  // A finishing batch is about to end and cannot be stopped.
  if (record === undefined || record.cancelled || record.state === "finishing") return;
  const reason = `schedule "${id}" is due again, and cancels it`;
  // Portraits in flight end as usual, because the next batch would pay for them again.
  await ledger.control.stop(record.spec.id, { reason, code: "cancelled", endsRunning: false });
}
