import { DARKROOM_FOLDER, isDarkroomError, messageOf, newBatchId, type Submission } from "@darkroom/core";
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

/** `{date}` in a schedule's destination: the tick's day in the schedule's own time zone, as 2026-11-21. */
function datedDestination(destination: string, timeZone: string, now: Date): string {
  // The Canadian way of writing a date is ISO 8601's.
  const day = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  return destination.replaceAll("{date}", day.format(now));
}

/** A run's batch is named after its schedule and the time of the tick, in the schedule's own time zone. */
export function runName({ id, timeZone }: Pick<Schedule, "id" | "timeZone">, now: Date): string {
  // The Swedish way of writing a time is ISO 8601's, with a space.
  const time = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" });
  return `${id} ${time.format(now)}`;
}

/** Where a schedule remembers what it has delivered: under the part of its destination that does not change. */
export function deliveredUrl(schedule: Schedule): string {
  const { destination } = schedule.submission;
  const fixed = destination.includes("{") ? destination.slice(0, destination.indexOf("{")) : destination;
  const base = destination.includes("{") ? fixed.slice(0, fixed.lastIndexOf("/") + 1) : `${fixed.replace(/\/$/, "")}/`;
  return `${base}${DARKROOM_FOLDER}/schedules/${schedule.id}/delivered/`;
}

/** What a tick needs of a producer. */
export type TickContext = IntakeDependencies & Pick<ProducerContext, "schedules">;

/**
 * One tick: a batch of what is new or changed, unless a run of the schedule goes on. The run is claimed before anything
 * is made, so that of ticks at the same time one makes a batch; the claim is looked at once more as the batch comes into
 * being, so that a producer that was frozen meanwhile makes none beside another's.
 *
 * @param tick its id, the same when it comes again after whoever had it first died or froze; and the id that its batch is
 *   to have, where somebody was told it
 */
export async function scheduleTick(
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
    // Under the claim: whoever held it before has made its batch by now, or never will.
    if (schedule.claim !== undefined && schedule.claim.batchId !== batchId)
      await context.ledger.forbid(schedule.claim.batchId);
    const running = await currentRun(context.ledger, { id: scheduleId }, serverNow());
    if (running !== undefined) return await schedules.settleRun(scheduleId, batchId, skipped(at, running));
    const { destination } = schedule.submission;
    const spec = await acceptBatch(submission, context, {
      id: batchId,
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

/** Claims the schedule's run for this tick; undefined where there is nothing to run, which is noted. */
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
