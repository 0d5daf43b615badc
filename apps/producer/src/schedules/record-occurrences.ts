import { isEnded } from "@darkroom/core";
import { runOfBatch, wasGoodRun, type Schedule, type ScheduleRun } from "@darkroom/ledger";
import type { ProducerContext } from "../context.ts";

type KeptBy = Pick<ProducerContext, "ledger" | "metrics" | "schedules">;

/**
 * Records the results of each schedule's occurrences, and exports the last result as metrics. @returns the schedules
 */
export async function recordOccurrences(context: KeptBy): Promise<readonly Schedule[]> {
  const { metrics, schedules } = context;
  const all = await schedules.list();
  const judged = await Promise.all(
    all.map(async (schedule) => [schedule.id, await lastJudged(context, schedule)] as const),
  );
  // Drops metrics of deleted schedules.
  metrics.scheduleSuccess.reset();
  metrics.scheduleRunAt.reset();
  for (const [schedule, run] of judged) {
    if (run === undefined) continue;
    metrics.scheduleSuccess.set({ schedule }, wasGoodRun(run) === true ? 1 : 0);
    metrics.scheduleRunAt.set({ schedule }, Date.parse(run.at) / 1_000);
  }
  return all;
}

/** Returns the newest occurrence with a known result. A retry may turn a failed occurrence into a success. */
async function lastJudged({ ledger, schedules }: KeptBy, schedule: Schedule): Promise<ScheduleRun | undefined> {
  const runs = schedule.runs ?? [];
  let newest: ScheduleRun | undefined;
  for (const run of runs) {
    // Of the ended occurrences, only the newest is read again.
    if (newest !== undefined && wasGoodRun(run) !== undefined) continue;
    const record = run.batchId === undefined ? undefined : await ledger.read(run.batchId);
    const seen = runOfBatch(run, record);
    if (record !== undefined && isEnded(record.state) && !isSameRun(run, seen)) {
      await schedules.endRun(schedule.id, seen);
    }
    if (wasGoodRun(seen) !== undefined) newest ??= seen;
  }
  return newest;
}

function isSameRun(one: ScheduleRun, other: ScheduleRun): boolean {
  const textOf = ({ outcome, message, found, did, cost }: ScheduleRun) =>
    JSON.stringify([outcome, message, found, did, cost]);
  return textOf(one) === textOf(other);
}
