import type { z } from "zod";
import type { Submission } from "@darkroom/core";
import { batchInTheWay, nextDueTimes, runOfBatch, stuckBatch, type Schedule, type ScheduleRun } from "@darkroom/ledger";
import { serverNow } from "@darkroom/redis-kit";
import type { scheduleSchema, scheduleWithRunsSchema } from "./schedule-schemas.ts";
import type { Services } from "../services.ts";

type ScheduleView = z.infer<typeof scheduleSchema>;
type RunView = z.infer<typeof scheduleWithRunsSchema>["runs"][number];
type Surroundings = Pick<Services, "attendance" | "destinations" | "lane" | "laneLimits" | "ledger">;

/** Number of coming runs to show. */
const SHOWN_NEXT = 5;

/** Converts a schedule to the API's view. */
export async function viewSchedule(services: Surroundings, schedule: Schedule): Promise<ScheduleView> {
  const { id, cron, timeZone, overlap = "skip", missed = "skip", createdAt, lastRun, paused, queued } = schedule;
  const nowMs = serverNow();
  const [stuck, last] = await Promise.all([
    viewStuck(services, schedule, nowMs),
    lastRun === undefined ? null : viewRun(services, lastRun),
  ]);
  const next = paused === undefined ? nextDueTimes(schedule, Math.max(nowMs, schedule.handledMs ?? 0), SHOWN_NEXT) : [];
  const nextRuns = next.map(isoTime);
  return {
    id,
    cron,
    timeZone,
    overlap,
    missed,
    submission: withSource(schedule.submission),
    createdAt,
    paused: paused === undefined ? null : { at: isoTime(paused.at), reason: paused.reason ?? null },
    nextRunAt: nextRuns[0] ?? null,
    nextRuns,
    queuedFor: queued === undefined ? null : isoTime(queued.dueMs),
    stuck,
    lastRun: last,
  };
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** Returns the recorded occurrences of a schedule, newest first. */
export async function viewRuns({ ledger }: Pick<Services, "ledger">, schedule: Schedule): Promise<RunView[]> {
  const { lastRun, runs = lastRun === undefined ? [] : [lastRun] } = schedule;
  return await Promise.all(runs.map((run) => viewRun({ ledger }, run)));
}

async function viewRun({ ledger }: Pick<Services, "ledger">, run: ScheduleRun): Promise<RunView> {
  const record = run.batchId === undefined ? undefined : await ledger.read(run.batchId);
  const { at, batchId = null, outcome, message = null, covers = 1, ...results } = runOfBatch(run, record);
  const { found = null, did = null, cost = null } = results;
  return { at, batchId, outcome, message, covers, found, did, cost };
}

async function viewStuck(services: Surroundings, schedule: Schedule, nowMs: number): Promise<ScheduleView["stuck"]> {
  const batchId = batchInTheWay(schedule);
  const record = batchId === undefined ? undefined : await services.ledger.read(batchId);
  return record === undefined ? null : ((await stuckBatch(services, record, nowMs)) ?? null);
}

/** Every schedule's submission has a source; see `newScheduleSchema`. */
function withSource(submission: Submission): ScheduleView["submission"] {
  const { rows: _, source = "", ...rest } = submission;
  return { ...rest, source };
}
