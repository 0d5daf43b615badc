import { setTimeout as sleep } from "node:timers/promises";
import { protocolMs, type BatchStatus } from "@darkroom/core";
import type { DarkroomClient } from "../api/client.ts";
import type { LocalProcess } from "../local-stack/local-process.ts";

/** Whoever left in order was there a moment ago; who died is missed later than this. */
const LEFT_WITHIN_MS = protocolMs(20_000);
/** After a pause of Redis, or of the whole machine, a process that lives shows itself within this. */
const SHOWS_ITSELF_MS = protocolMs(12_000);
const LOOK_EVERY_MS = protocolMs(1_000);

/** What is asked of this machine about other processes. */
export type Neighbours = Pick<LocalProcess, "isAlone">;

/** Whether a producer and a worker of another process are there for a batch. One that died is there until it is missed. */
export function isWorkedOnElsewhere({ unattended }: Pick<BatchStatus, "unattended">, neighbours: Neighbours): boolean {
  return unattended === null && !neighbours.isAlone();
}

/** Whether those that are missed said that they leave. */
export function leftInOrder({ unattended }: Pick<BatchStatus, "unattended">, nowMs: number): boolean {
  const since = unattended?.since ?? null;
  return since !== null && Math.abs(nowMs - Date.parse(since)) < LEFT_WITHIN_MS;
}

/**
 * Makes sure that nobody works on a batch any more that seems to be left: processes that were suspended with the whole
 * machine are missed for a moment, too.
 *
 * @param status the batch while no process works on it
 * @returns its status now: `unattended` is null where a process works on it after all
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

/** How a batch stands after this process has left it: its own API takes it to be there for another second. */
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
