import { setTimeout as sleep } from "node:timers/promises";
import { protocolMs, type BatchStatus } from "@darkroom/core";
import type { DarkroomClient } from "../api/client.ts";
import type { LocalProcess } from "../local-stack/local-process.ts";

/**
 * Maximum age of the last presence of a process that shut down in order. The absence of a process that died is noticed
 * later.
 */
const LEFT_WITHIN_MS = protocolMs(20_000);
/** After a pause of Redis or of the whole machine, a live process sends a heartbeat within this time. */
const SHOWS_ITSELF_MS = protocolMs(12_000);
const LOOK_EVERY_MS = protocolMs(1_000);

/** Queries about other processes of this machine. */
export type Neighbours = Pick<LocalProcess, "isAlone">;

/**
 * True if a producer and a worker of another process are present for a batch. A process that died counts as present
 * until its heartbeat times out.
 */
export function isWorkedOnElsewhere({ unattended }: Pick<BatchStatus, "unattended">, neighbours: Neighbours): boolean {
  return unattended === null && !neighbours.isAlone();
}

/** True if the missing processes shut down in order. */
export function leftInOrder({ unattended }: Pick<BatchStatus, "unattended">, nowMs: number): boolean {
  const since = unattended?.since ?? null;
  return since !== null && Math.abs(nowMs - Date.parse(since)) < LEFT_WITHIN_MS;
}

/**
 * Confirms that no process works on a batch that appears stopped. Processes that were suspended with the whole machine
 * also miss heartbeats for a moment.
 *
 * @param status the batch while no process works on it
 * @returns the batch's current status; `unattended` is null if a process works on the batch after all
 */
export async function untilSurelyLeft(
  client: Pick<DarkroomClient, "status">,
  status: BatchStatus,
  neighbours: Neighbours,
  signal: AbortSignal,
): Promise<BatchStatus> {
  const from = performance.now();
  let now = status;
  while (now.unattended !== null && !leftInOrder(now, Date.now()) && !neighbours.isAlone()) {
    if (performance.now() - from > SHOWS_ITSELF_MS) return now;
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    now = await client.status(status.id);
  }
  return now;
}

/**
 * Returns the batch after this process has stopped working on it. For another second, the process's own API counts this
 * process as present.
 */
export async function statusAfterLeaving(
  client: Pick<DarkroomClient, "status">,
  id: string,
  neighbours: Neighbours,
): Promise<BatchStatus> {
  const status = await client.status(id);
  if (!isWorkedOnElsewhere(status, neighbours)) return status;
  await sleep(LOOK_EVERY_MS);
  return await client.status(id);
}
