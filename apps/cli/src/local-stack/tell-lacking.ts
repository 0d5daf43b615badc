import type { BatchStatus } from "@darkroom/core";
import { repeat } from "./repeat.ts";

/** Interval between looks. */
const LOOK_EVERY_MS = 3_000;

/** The parts of a batch that a stack's terminal reports. */
export type LackingBatch = Pick<BatchStatus, "id" | "name" | "unattended">;

/**
 * Reports at a stack's terminal each batch that this stack cannot continue, for example because it belongs to another
 * key. Without that, the batch would wait in silence.
 *
 * @param listNow lists the newest batches; an error counts as none
 * @returns a function that stops the checks
 */
export function tellLacking(
  listNow: () => Promise<readonly LackingBatch[]>,
  tell: (text: string) => void,
  everyMs = LOOK_EVERY_MS,
): () => void {
  const told = new Set<string>();
  return repeat(async (isStopped) => {
    const batches = await listNow().catch(() => []);
    if (isStopped()) return;
    for (const { id, name, unattended } of batches) {
      if (unattended === null || unattended.lacks.length === 0) {
        told.delete(id);
      } else if (!told.has(id)) {
        told.add(id);
        tell(`Batch ${name ?? id} waits: ${unattended.message} See: darkroom status ${id}`);
      }
    }
  }, everyMs);
}
