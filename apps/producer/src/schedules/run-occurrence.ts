import {
  DARKROOM_FOLDER,
  NO_BOUNDS_SET,
  datedDestination,
  isDarkroomError,
  messageOf,
  type Submission,
} from "@darkroom/core";
import { acceptBatch, resultsUrlOf, type IntakeDependencies } from "@darkroom/intake";
import type { RunClaim, Schedule, ScheduleRun } from "@darkroom/ledger";
import type { ProducerContext } from "../context.ts";

/** Returns the day when an occurrence is due, in the schedule's time zone, as 2026-11-21. */
function dayOf(timeZone: string, due: Date): string {
  // The Canadian date format is ISO 8601.
  const day = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  return day.format(due);
}

/** Names an occurrence's batch after its schedule and local time. */
export function runName({ id, timeZone }: Pick<Schedule, "id" | "timeZone">, due: Date): string {
  // The Swedish time format is ISO 8601 with a space.
  const time = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" });
  return `${id} ${time.format(due)}`;
}

/** Returns the location of a schedule's delivery notes: under the constant part of its destination. */
export function deliveredUrl(schedule: Schedule): string {
  const { destination } = schedule.submission;
  const fixed = destination.includes("{") ? destination.slice(0, destination.indexOf("{")) : destination;
  const base = destination.includes("{") ? fixed.slice(0, fixed.lastIndexOf("/") + 1) : `${fixed.replace(/\/$/, "")}/`;
  return `${base}${DARKROOM_FOLDER}/schedules/${schedule.id}/delivered/`;
}

/** The parts of a producer that an occurrence needs. */
export type OccurrenceContext = IntakeDependencies & Pick<ProducerContext, "schedules">;

/**
 * Creates the batch of a claimed occurrence: of new and changed photos. May be repeated, also by several producers at
 * once, because the claim names the batch: only one is created. The claim is checked again before that.
 *
 * @throws DarkroomError the reason why the occurrence created no batch, which is also recorded
 */
export async function startOccurrence(context: OccurrenceContext, schedule: Schedule, claim: RunClaim): Promise<void> {
  const { schedules, ledger } = context;
  const { id } = schedule;
  const due = new Date(claim.dueMs);
  const { destination } = schedule.submission;
  const submission: Submission = {
    ...schedule.submission,
    name: schedule.submission.name ?? runName(schedule, due),
    destination: datedDestination(destination, dayOf(schedule.timeZone, due)),
  };
  const run = {
    at: due.toISOString(),
    ...(claim.covers > 1 ? { covers: claim.covers } : {}),
  };
  const started: ScheduleRun = { ...run, batchId: claim.batchId, outcome: "started" };
  const { within } = schedule;
  const rules = within === undefined ? context : { ...context, bounds: { ...NO_BOUNDS_SET, sources: within } };
  try {
    await acceptBatch(submission, rules, {
      id: claim.batchId,
      tenant: schedule.tenant,
      schedule: { id, deliveredUrl: deliveredUrl(schedule), resultsUrl: resultsUrlOf(destination) },
      // The same whenever the occurrence is repeated.
      now: new Date(claim.at),
      beforeCreate: async () => await schedules.confirmRun(id, claim),
    });
  } catch (error) {
    // A slower copy of this occurrence could otherwise create the batch later. False if it has done so already.
    if (await ledger.forbid(claim.batchId)) {
      const code = isDarkroomError(error) ? error.code : "internal";
      await schedules.settleRun(id, claim, { ...run, outcome: "failed", message: messageOf(error), code });
      throw error;
    }
  }
  await schedules.settleRun(id, claim, started);
}
