import { tenantOf, type FeedEvent } from "@darkroom/core";
import type { Schedule } from "../schedules/schedule.ts";
import type { PlacedEvent } from "./feed-entry.ts";

const SOURCE = "schedule:";

/** Returns the name under which a schedule's events are forwarded. No batch has this id. */
export function sourceOfSchedule(id: string): string {
  return `${SOURCE}${id}`;
}

/** Returns the events of a schedule that are kept, oldest first. */
export function scheduleEvents(schedule: Pick<Schedule, "id" | "events" | "tenant">): readonly PlacedEvent[] {
  return (schedule.events ?? []).map(({ sequence, atMs, ...told }): PlacedEvent => {
    const position = `${sequence}-${atMs}`;
    const event: FeedEvent = {
      id: `${sourceOfSchedule(schedule.id)}.${position}`,
      batch: null,
      tenant: tenantOf(schedule),
      sequence,
      at: new Date(atMs).toISOString(),
      state: null,
      ...told,
    };
    return { position, event };
  });
}
