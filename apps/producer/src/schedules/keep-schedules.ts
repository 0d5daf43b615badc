import { isEnded, messageOf, protocolMs } from "@darkroom/core";
import { runOfBatch, wasGoodRun, type Schedule, type ScheduleRun } from "@darkroom/ledger";
import type { ProducerContext } from "../context.ts";

type KeptBy = Pick<ProducerContext, "ledger" | "metrics" | "schedules">;

/** Schedules are looked after this often. */
const SCHEDULES_MS = protocolMs(5_000);

/** The part of a producer's round that looks after schedules. What fails is tried again at the next look. */
export class ScheduleDuty {
  readonly #context: KeptBy & Pick<ProducerContext, "log" | "signal">;
  #at = -SCHEDULES_MS;

  constructor(context: KeptBy & Pick<ProducerContext, "log" | "signal">) {
    this.#context = context;
  }

  async round(nowMs: number): Promise<void> {
    if (nowMs - this.#at < SCHEDULES_MS) return;
    this.#at = nowMs;
    try {
      await keepSchedules(this.#context);
    } catch (error) {
      const { log, signal } = this.#context;
      if (!signal.aborted) log.error({ err: error }, `schedules could not be looked after: ${messageOf(error)}`);
    }
  }
}

/** Notes how the runs of schedules ended, and shows in the metrics how the last one of each did. */
export async function keepSchedules(context: KeptBy): Promise<void> {
  const { metrics, schedules } = context;
  const all = await schedules.list();
  const judged = await Promise.all(
    all.map(async (schedule) => [schedule.id, await lastJudged(context, schedule)] as const),
  );
  // One that is gone is shown no more.
  metrics.scheduleSuccess.reset();
  metrics.scheduleRunAt.reset();
  for (const [schedule, run] of judged) {
    if (run === undefined) continue;
    metrics.scheduleSuccess.set({ schedule }, wasGoodRun(run) === true ? 1 : 0);
    metrics.scheduleRunAt.set({ schedule }, Date.parse(run.at) / 1_000);
  }
}

/** The newest run of which is known how it did. A retry may make a good one of a run that has ended. */
async function lastJudged({ ledger, schedules }: KeptBy, schedule: Schedule): Promise<ScheduleRun | undefined> {
  const runs = schedule.runs ?? [];
  let newest: ScheduleRun | undefined;
  for (const run of runs) {
    // Only the newest of those that ended is looked at again.
    if (newest !== undefined && wasGoodRun(run) !== undefined) continue;
    const record = run.batchId === undefined ? undefined : await ledger.read(run.batchId);
    const seen = runOfBatch(run, record);
    if (record !== undefined && run.batchId !== undefined && isEnded(record.state) && !isSameRun(run, seen)) {
      await schedules.endRun(schedule.id, run.batchId, seen);
    }
    if (wasGoodRun(seen) !== undefined) newest ??= seen;
  }
  return newest;
}

function isSameRun(one: ScheduleRun, other: ScheduleRun): boolean {
  return (
    one.outcome === other.outcome &&
    one.message === other.message &&
    JSON.stringify(one.found) === JSON.stringify(other.found)
  );
}
