import type { ScheduleRunView, ScheduleWithRuns } from "../api/api-views.ts";
import { shownPlace } from "./batch-line.ts";
import { momentText } from "./machine-time.ts";
import { tableText } from "./table.ts";

/** Formats a schedule and its last runs for the terminal. */
export function scheduleText({ id, cron, timeZone, nextRunAt, submission, runs }: ScheduleWithRuns): string {
  const next = nextRunAt === null ? "no time that is known" : momentText(nextRunAt);
  const head = [
    `${id}: ${cron} (${timeZone}), next ${next}`,
    `${shownPlace(submission.source ?? "")} into ${shownPlace(submission.destination)}`,
  ];
  if (runs.length === 0) return [...head, "It has not run yet."].join("\n");
  const columns = ["RUN", "OUTCOME", "NEW", "DELIVERED BEFORE", "FAILED", "BATCH", "MESSAGE"];
  return [...head, "", tableText(columns, runs.map(rowOf))].join("\n");
}

function rowOf({ at, outcome, found, batchId, message }: ScheduleRunView): string[] {
  const counts = found === null ? ["", "", ""] : [found.portraits, found.unchanged, found.failed].map(String);
  return [momentText(at), outcome, ...counts, batchId ?? "", message ?? ""];
}
