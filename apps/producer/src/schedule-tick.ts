import { DARKROOM_FOLDER, isEnded, messageOf, type Submission } from "@darkroom/core";
import { acceptBatch } from "@darkroom/intake";
import type { Schedule } from "@darkroom/ledger";
import type { ProducerContext } from "./context.ts";

/** `{date}` in a schedule's destination: the tick's day in the schedule's own time zone, as 2026-11-21. */
export function datedDestination(destination: string, timeZone: string, now: Date): string {
  // The Canadian way of writing a date is ISO 8601's.
  const day = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  return destination.replaceAll("{date}", day.format(now));
}

/** Where a schedule remembers what it has delivered: under the part of its destination that does not change. */
export function deliveredUrl(schedule: Schedule): string {
  const { destination } = schedule.submission;
  const fixed = destination.includes("{") ? destination.slice(0, destination.indexOf("{")) : destination;
  const base = destination.includes("{") ? fixed.slice(0, fixed.lastIndexOf("/") + 1) : `${fixed.replace(/\/$/, "")}/`;
  return `${base}${DARKROOM_FOLDER}/schedules/${schedule.id}/delivered/`;
}

/** One tick: a batch of what is new or changed, unless the schedule's last batch still runs. */
export async function scheduleTick(context: ProducerContext, scheduleId: string, now: Date): Promise<void> {
  const schedule = await context.schedules.read(scheduleId);
  if (schedule === undefined) return;
  const at = now.toISOString();
  const running = await runningBatch(context, scheduleId);
  if (running !== undefined) {
    const message = `batch ${running} of this schedule has not ended`;
    await context.schedules.recordRun(scheduleId, { at, batchId: running, outcome: "skipped_overlap", message });
    return;
  }
  const submission: Submission = {
    ...schedule.submission,
    name: schedule.submission.name ?? `${scheduleId} ${at.slice(0, 10)}`,
    destination: datedDestination(schedule.submission.destination, schedule.timeZone, now),
  };
  try {
    const spec = await acceptBatch(submission, context, {
      schedule: { id: scheduleId, deliveredUrl: deliveredUrl(schedule) },
      now,
    });
    await context.schedules.recordRun(scheduleId, { at, batchId: spec.id, outcome: "started" });
  } catch (error) {
    await context.schedules.recordRun(scheduleId, { at, outcome: "failed", message: messageOf(error) });
    throw error;
  }
}

/** A batch of this schedule that has not ended: also one whose submitter died before it could note the run. */
async function runningBatch({ ledger }: ProducerContext, scheduleId: string): Promise<string | undefined> {
  for (const id of await ledger.activeBatches()) {
    const record = await ledger.read(id);
    if (record?.spec.schedule?.id === scheduleId && !isEnded(record.state)) return id;
  }
  return undefined;
}
