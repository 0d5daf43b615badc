import { isEnded, messageOf, protocolMs } from "@darkroom/core";
import { runOfBatch, wasGoodRun, type Schedule, type ScheduleRun } from "@darkroom/ledger";
import type { ProducerContext } from "../context.ts";

type KeptBy = Pick<ProducerContext, "ledger" | "metrics" | "schedules">;

/** Interval between two checks of the schedules. */
const SCHEDULES_MS = protocolMs(5_000);

/** The producer's duty for schedules. A failure is retried at the next interval. */
export class ScheduleDuty {
  readonly #context: KeptBy & Pick<ProducerContext, "log" | "signal">;
  /** Schedule → last forwarded event. */
  readonly #forwarded = new Map<string, string>();
  #at = -SCHEDULES_MS;

  constructor(context: KeptBy & Pick<ProducerContext, "log" | "signal">) {
    this.#context = context;
  }

  async tick(nowMs: number): Promise<void> {
    if (nowMs - this.#at < SCHEDULES_MS) return;
    this.#at = nowMs;
    try {
      await this.#forward(await recordOccurrences(this.#context));
    } catch (error) {
      const { log, signal } = this.#context;
      if (!signal.aborted) log.error({ err: error }, `checking schedules failed: ${messageOf(error)}`);
    }
  }

  /** Forwards the events of missed occurrences to the deployment's feed. */
  async #forward(schedules: readonly Schedule[]): Promise<void> {
    const { feed } = this.#context.ledger;
    for (const schedule of schedules) {
      const { id, createdAt, missed } = schedule;
      const known = `${createdAt} ${missed}`;
      if (missed === undefined || this.#forwarded.get(id) === known) continue;
      if (await feed.forwardSchedule(schedule)) this.#forwarded.set(id, known);
    }
  }
}

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
