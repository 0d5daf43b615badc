import { setTimeout as sleep } from "node:timers/promises";
import { DarkroomError, type ErrorCode } from "@darkroom/core";
import type { ScheduleRun } from "@darkroom/ledger";
import type { Services } from "./services.ts";

/** A producer makes the batch of an ordered run, or fails at it, within this, as a rule. */
const TAKEN_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 50;

/** Causes that are told by their own code; every other one is a conflict with what the schedule says. */
const TOLD: readonly ErrorCode[] = [
  "storage_unavailable",
  "storage_full",
  "storage_denied",
  "storage_refused",
  "remote_unavailable",
  "redis_unavailable",
];

/**
 * Waits until the batch of an ordered run is there. Without a producer, or after a while, it waits no longer: the run is
 * made when a producer comes.
 *
 * @throws DarkroomError where the run made no batch, with its cause
 */
export async function awaitOrderedRun(
  { ledger, schedules, attendance }: Pick<Services, "attendance" | "ledger" | "schedules">,
  id: string,
  batchId: string,
): Promise<void> {
  const end = performance.now() + TAKEN_WITHIN_MS;
  while (performance.now() < end) {
    if ((await ledger.read(batchId)) !== undefined) return;
    const schedule = await schedules.read(id);
    if (schedule === undefined) throw new DarkroomError("conflict", `The schedule "${id}" was deleted meanwhile.`);
    const run = schedule.runs?.find(({ claimed }) => claimed === batchId);
    if (run !== undefined) throw cameToNothing(id, run);
    const { present } = await attendance.at("producer", (found) => found.present > 0);
    if (present === 0) return;
    await sleep(LOOK_EVERY_MS);
  }
}

function cameToNothing(id: string, { code, message = "no reason was given" }: ScheduleRun): DarkroomError {
  const told = TOLD.find((each) => each === code) ?? "conflict";
  return new DarkroomError(told, `The run of schedule "${id}" made no batch: ${message}`);
}
