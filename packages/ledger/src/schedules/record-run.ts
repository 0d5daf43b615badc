import { MISSING_OUTCOMES } from "@darkroom/core";
import { serverNow } from "@darkroom/redis-kit";
import { KEPT_RUNS, type Schedule, type ScheduleEvent, type ScheduleRun } from "./schedule.ts";

type Told = ScheduleEvent extends infer Each
  ? Each extends ScheduleEvent
    ? Pick<Each, "type" | "data">
    : never
  : never;

/** Adds an event to the schedule's events for the feed. */
export function withEvent(schedule: Schedule, told: Told): Schedule {
  const { events = [] } = schedule;
  const last = events.at(-1);
  // The feed forwards only the schedule's events after the last one that it has.
  const atMs = Math.max(serverNow(), (last?.atMs ?? 0) + 1);
  const event = { sequence: (last?.sequence ?? 0) + 1, atMs, ...told } as ScheduleEvent;
  return { ...schedule, events: [...events, event].slice(-KEPT_RUNS) };
}

/**
 * Adds a newer occurrence to a schedule's history. A repeated skip for the same batch replaces the earlier one, and is
 * not reported again. The queued occurrence is replaced by its outcome.
 */
export function withRun(schedule: Schedule, newer: ScheduleRun): Schedule {
  const runs = (schedule.runs ?? []).filter(({ outcome }) => outcome !== "queued");
  const [newest, ...older] = runs;
  const isSameSkip =
    newest?.outcome === "skipped_overlap" && newer.outcome === newest.outcome && newer.batchId === newest.batchId;
  const kept = [newer, ...(isSameSkip ? older : runs)].slice(0, KEPT_RUNS);
  const recorded = { ...schedule, lastRun: newer, runs: kept };
  const outcome = MISSING_OUTCOMES.find((each) => each === newer.outcome);
  if (outcome === undefined || isSameSkip) return recorded;
  const { at, batchId, message } = newer;
  return withEvent(recorded, {
    type: "schedule.missed",
    data: {
      schedule: schedule.id,
      at,
      outcome,
      ...(batchId === undefined ? {} : { batch: batchId }),
      ...(message === undefined ? {} : { message }),
    },
  });
}
