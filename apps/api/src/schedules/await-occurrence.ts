import { setTimeout as sleep } from "node:timers/promises";
import { DarkroomError, type ErrorCode } from "@darkroom/core";
import type { ScheduleRun } from "@darkroom/ledger";
import type { Services } from "../services.ts";

/** Time within which a producer usually creates the batch of a requested occurrence, or fails. */
const TAKEN_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 50;

/** Error codes that the API passes on. Every other error becomes a conflict with the schedule. */
const TOLD: readonly ErrorCode[] = [
  "storage_unavailable",
  "storage_full",
  "storage_denied",
  "storage_refused",
  "remote_unavailable",
  "redis_unavailable",
];

/**
 * Waits until the batch of a requested occurrence exists. Stops waiting if there is no producer, or after a while; a
 * producer then creates the batch later.
 *
 * @throws DarkroomError with the cause when the occurrence created no batch
 */
export async function awaitOccurrence(
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
  return new DarkroomError(told, `The run of schedule "${id}" created no batch: ${message}`);
}
