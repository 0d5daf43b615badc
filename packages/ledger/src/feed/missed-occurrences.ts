import { tenantOf, type FeedEvent } from "@darkroom/core";
import type { Schedule } from "../schedules/schedules.ts";
import type { PlacedEvent } from "./feed-entry.ts";

const SOURCE = "schedule:";

/** Returns the name under which a schedule's events are forwarded. No batch has this id. */
export function sourceOfSchedule(id: string): string {
  return `${SOURCE}${id}`;
}

/** True for the name of a schedule's events. */
export function isScheduleSource(source: string): boolean {
  return source.startsWith(SOURCE);
}

/**
 * Returns the events of a schedule's missed occurrences that are kept, oldest first. They are stored in the schedule,
 * so that each event is written together with its occurrence.
 */
export function missedOccurrences(schedule: Pick<Schedule, "id" | "runs" | "tenant">): readonly PlacedEvent[] {
  const { id, runs = [] } = schedule;
  return runs.toReversed().flatMap(({ at, outcome, batchId, message, missed }): PlacedEvent[] => {
    if (missed === undefined || (outcome !== "skipped_overlap" && outcome !== "failed")) return [];
    const position = `${missed.sequence}-${missed.atMs}`;
    const event: FeedEvent = {
      id: `${sourceOfSchedule(id)}.${position}`,
      batch: null,
      tenant: tenantOf(schedule),
      sequence: missed.sequence,
      at: new Date(missed.atMs).toISOString(),
      type: "schedule.missed",
      state: null,
      data: {
        schedule: id,
        at,
        outcome,
        ...(batchId === undefined ? {} : { batch: batchId }),
        ...(message === undefined ? {} : { message }),
      },
    };
    return [{ position, event }];
  });
}
