import type { ScheduleRunView, ScheduleView, ScheduleWithRuns } from "../api/api-views.ts";
import { shownPlace } from "./batch-line.ts";
import { momentText } from "./machine-time.ts";
import { tableText } from "./table.ts";

/** Formats a schedule, its next and its last runs for the terminal. */
export function scheduleText(schedule: ScheduleWithRuns): string {
  const { id, cron, timeZone, submission, overlap, missed, nextRuns, runs } = schedule;
  const head = [
    `${id}: ${cron} (${timeZone}), next ${nextText(schedule)}`,
    `${shownPlace(submission.source ?? "")} into ${shownPlace(submission.destination)}`,
    `while a batch has not ended: ${overlap}; missed runs: ${missed}`,
    ...(nextRuns.length > 1 ? [`then ${nextRuns.slice(1).map(shortMoment).join("; ")}`] : []),
    ...obstacleLines(schedule),
  ];
  if (runs.length === 0) return [...head, "It has not run yet."].join("\n");
  const columns = ["RUN", "OUTCOME", "NEW", "BEFORE", "DONE", "FAILED", "USD", "BATCH", "MESSAGE"];
  return [...head, "", tableText(columns, runs.map(rowOf))].join("\n");
}

/** Returns when a schedule runs next, or that it is paused. */
export function nextText({ nextRunAt, paused }: Pick<ScheduleView, "nextRunAt" | "paused">): string {
  if (paused !== null) return "paused";
  return nextRunAt === null ? "no time that is known" : momentText(nextRunAt);
}

/** Says what keeps a schedule from running. */
export function obstacleLines({
  paused,
  queuedFor,
  stuck,
}: Pick<ScheduleView, "paused" | "queuedFor" | "stuck">): readonly string[] {
  return [
    ...(paused === null
      ? []
      : [`paused since ${momentText(paused.at)}${paused.reason === null ? "" : `: ${paused.reason}`}`]),
    ...(stuck === null ? [] : [`batch ${stuck.batchId} is stuck (${stuck.reason}): ${stuck.message}`]),
    ...(queuedFor === null ? [] : [`the run of ${momentText(queuedFor)} starts when the current batch ends`]),
  ];
}

/** Formats a time without its zone, which the line names already. */
function shortMoment(iso: string): string {
  return momentText(iso).replace(/ \(.*\)$/, "");
}

function rowOf({ at, outcome, covers, found, did, cost, batchId, message }: ScheduleRunView): string[] {
  const counts = [
    found?.portraits,
    found?.unchanged,
    did === null ? undefined : did.succeeded + did.skipped,
    did?.failed,
  ];
  const spent = cost === null ? "" : (cost.costUsd + cost.lostUsd).toFixed(2);
  const maybe = cost === null || cost.maybeUsd === 0 ? "" : ` (maybe ${cost.maybeUsd.toFixed(2)} more)`;
  const times = covers > 1 ? `for ${covers} times` : "";
  return [
    momentText(at),
    outcome,
    ...counts.map((count) => (count === undefined ? "" : String(count))),
    `${spent}${maybe}`,
    batchId ?? "",
    [message ?? "", times].filter((part) => part !== "").join("; "),
  ];
}
