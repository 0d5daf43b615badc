import { tenantOf, type FeedEvent } from "@darkroom/core";
import type { Schedule } from "../schedules/schedules.ts";
import type { PlacedEvent } from "./feed-entry.ts";

const SOURCE = "schedule:";

/** The name under which a schedule's events are forwarded; no batch has this id. */
export function sourceOfSchedule(id: string): string {
  return `${SOURCE}${id}`;
}

/** True for the name of a schedule's events. */
export function isScheduleSource(source: string): boolean {
  return source.startsWith(SOURCE);
}

/**
 * The events of a schedule's missed occurrences, oldest first, as far as they are kept. They are part of the schedule,
 * so each is written together with the occurrence that it reports.
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
