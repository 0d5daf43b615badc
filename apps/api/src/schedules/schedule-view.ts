import type { z } from "zod";
import type { Submission } from "@darkroom/core";
import { runOfBatch, type Schedule, type ScheduleRun } from "@darkroom/ledger";
import type { scheduleSchema, scheduleWithRunsSchema } from "./schedule-schemas.ts";
import type { Services } from "../services.ts";

type ScheduleView = z.infer<typeof scheduleSchema>;
type RunView = z.infer<typeof scheduleWithRunsSchema>["runs"][number];

/** Converts a schedule to the API's view. */
export async function viewSchedule(
  { ledger, ticks }: Pick<Services, "ledger" | "ticks">,
  schedule: Schedule,
): Promise<ScheduleView> {
  const { lastRun, runs: _, submission, claim: __, tenant: ___, within: ____, missed: _____, ...rest } = schedule;
  const [next, last] = await Promise.all([
    ticks.nextTick(schedule.id),
    lastRun === undefined ? null : viewRun({ ledger }, lastRun),
  ]);
  return {
    ...rest,
    submission: withSource(submission),
    nextRunAt: next === undefined ? null : new Date(next).toISOString(),
    lastRun: last,
  };
}

/** Returns the recorded occurrences of a schedule, newest first. */
export async function viewRuns({ ledger }: Pick<Services, "ledger">, schedule: Schedule): Promise<RunView[]> {
  const { lastRun, runs = lastRun === undefined ? [] : [lastRun] } = schedule;
  return await Promise.all(runs.map((run) => viewRun({ ledger }, run)));
}

async function viewRun({ ledger }: Pick<Services, "ledger">, run: ScheduleRun): Promise<RunView> {
  const record = run.batchId === undefined ? undefined : await ledger.read(run.batchId);
  const { at, batchId = null, outcome, message = null, found = null } = runOfBatch(run, record);
  return { at, batchId, outcome, message, found };
}

/** Every schedule's submission has a source; see `newScheduleSchema`. */
function withSource(submission: Submission): ScheduleView["submission"] {
  const { rows: _, source = "", ...rest } = submission;
  return { ...rest, source };
}
