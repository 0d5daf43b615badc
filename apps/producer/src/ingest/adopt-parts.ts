import { SNAPSHOT_PART_ROWS, type ObjectStore } from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import { readSnapshotPart, snapshotFiles, SnapshotPartLost } from "@darkroom/manifest";
import type { PartWriter } from "./part-writer.ts";

/**
 * Adopts snapshot parts that are in the store but not counted, because the ingest died or Redis lost the count.
 * Rewrites each part unchanged under this ingest's fence, which outranks late writes of a stale ingest. A partial part
 * stays in the writer for the rows that follow.
 *
 * @returns `lost` when another producer owns the batch; `whole` when the last part marks the end of the source; `open`
 *   otherwise
 */
export async function adoptParts(
  destination: ObjectStore,
  { spec, parts: counted }: Pick<BatchRecord, "spec" | "parts">,
  writer: PartWriter,
): Promise<"lost" | "whole" | "open"> {
  const found: number[] = [];
  for await (const { part } of snapshotFiles(destination, spec.id)) {
    if (part === counted + found.length) found.push(part);
  }
  for (const part of found) {
    const rows = await readSnapshotPart(destination, spec.id, part).catch((error: unknown) => {
      if (error instanceof SnapshotPartLost) return undefined;
      throw error;
    });
    // An unreadable part is rebuilt from the source.
    if (rows === undefined) return "open";
    for (const row of rows) if (!(await writer.add(row))) return "lost";
    if (rows.length < SNAPSHOT_PART_ROWS) return "whole";
  }
  return "open";
}
