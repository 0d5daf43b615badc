import {
  DARKROOM_FOLDER,
  NO_BOUNDS_SET,
  isDarkroomError,
  messageOf,
  newBatchId,
  type Submission,
} from "@darkroom/core";
import { acceptBatch, resultsUrlOf, type IntakeDependencies } from "@darkroom/intake";
import {
  currentRun,
  describeCurrentRun,
  type CurrentRun,
  type RunClaim,
  type Schedule,
  type TickMark,
} from "@darkroom/ledger";
import { serverNow } from "@darkroom/redis-kit";
import type { ProducerContext } from "../context.ts";

/** Replaces `{date}` in a schedule's destination by the occurrence's day in the schedule's time zone, as 2026-11-21. */
function datedDestination(destination: string, timeZone: string, now: Date): string {
  // The Canadian date format is ISO 8601.
  const day = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  return destination.replaceAll("{date}", day.format(now));
}

/** Names an occurrence's batch after its schedule and local time. */
export function runName({ id, timeZone }: Pick<Schedule, "id" | "timeZone">, now: Date): string {
  // The Swedish time format is ISO 8601 with a space.
  const time = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" });
  return `${id} ${time.format(now)}`;
}

/** Returns the location of a schedule's delivery notes: under the constant part of its destination. */
export function deliveredUrl(schedule: Schedule): string {
  const { destination } = schedule.submission;
  const fixed = destination.includes("{") ? destination.slice(0, destination.indexOf("{")) : destination;
  const base = destination.includes("{") ? fixed.slice(0, fixed.lastIndexOf("/") + 1) : `${fixed.replace(/\/$/, "")}/`;
  return `${base}${DARKROOM_FOLDER}/schedules/${schedule.id}/delivered/`;
}

/** The parts of a producer that an occurrence needs. */
export type TickContext = IntakeDependencies & Pick<ProducerContext, "schedules">;

/**
 * Runs one occurrence of a schedule: a batch of new and changed photos, unless an earlier batch is still active. Takes
 * the claim first and checks the claim again when it creates the batch, so that simultaneous or stalled producers
 * create only one batch.
 *
 * @param tick the occurrence's id, which is the same in a redelivery, and the batch id promised to a user, if any
 */
export async function runOccurrence(
  context: TickContext,
  scheduleId: string,
  now: Date,
  tick: TickMark = {},
): Promise<void> {
  const claimed = await claimRun(context, scheduleId, now, tick);
  if (claimed === undefined) return;
  const { schedule, claim } = claimed;
  const { batchId } = claim;
  const { schedules } = context;
  const at = now.toISOString();
  const submission: Submission = {
    ...schedule.submission,
    name: schedule.submission.name ?? runName(schedule, now),
    destination: datedDestination(schedule.submission.destination, schedule.timeZone, now),
  };
  try {
    // Safe under the claim: the previous holder has either created its batch or can no longer create one.
    if (schedule.claim !== undefined && schedule.claim.batchId !== batchId)
      await context.ledger.forbid(schedule.claim.batchId);
    const running = await currentRun(context.ledger, { id: scheduleId }, serverNow());
    if (running !== undefined) return await schedules.settleRun(scheduleId, batchId, skipped(at, running));
    const { destination } = schedule.submission;
    const { within } = schedule;
    const rules = within === undefined ? context : { ...context, bounds: { ...NO_BOUNDS_SET, sources: within } };
    const spec = await acceptBatch(submission, rules, {
      id: batchId,
      tenant: schedule.tenant,
      schedule: { id: scheduleId, deliveredUrl: deliveredUrl(schedule), resultsUrl: resultsUrlOf(destination) },
      now,
      beforeCreate: async () => await schedules.confirmRun(scheduleId, { ...claim, at: serverNow() }),
    });
    await schedules.settleRun(scheduleId, batchId, { at, batchId: spec.id, outcome: "started" });
  } catch (error) {
    const code = isDarkroomError(error) ? error.code : "internal";
    await schedules.settleRun(scheduleId, batchId, { at, outcome: "failed", message: messageOf(error), code });
    throw error;
  }
}

/** Claims the occurrence. Returns undefined when the occurrence is skipped, and records that. */
async function claimRun(
  { schedules, ledger }: TickContext,
  scheduleId: string,
  now: Date,
  mark: TickMark,
): Promise<{ readonly schedule: Schedule; readonly claim: RunClaim } | undefined> {
  const { id: tick, batchId = newBatchId() } = mark;
  for (;;) {
    const schedule = await schedules.read(scheduleId);
    if (schedule === undefined) return undefined;
    const running = await currentRun(ledger, schedule, serverNow(), mark);
    if (running !== undefined) {
      await schedules.recordRun(scheduleId, skipped(now.toISOString(), running));
      return undefined;
    }
    const claim: RunClaim = { batchId, at: serverNow(), ...(tick === undefined ? {} : { tick }) };
    if (await schedules.claimRun(scheduleId, claim, schedule.claim)) return { schedule, claim };
  }
}

function skipped(at: string, running: CurrentRun) {
  return { at, batchId: running.batchId, outcome: "skipped_overlap", message: describeCurrentRun(running) } as const;
}
