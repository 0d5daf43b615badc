import { SNAPSHOT_PART_ROWS, type ObjectStore } from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import { readSnapshotPart, snapshotFiles, SnapshotPartLost } from "@darkroom/manifest";
import type { PartWriter } from "./part-writer.ts";

/**
 * Takes over the snapshot parts that lie in the store and are not counted: an ingest wrote them that died before it could
 * count them, or Redis has forgotten that it did, and workers have begun with them. Each is written again, as it is, under
 * this ingest's fence: it stands above whatever an ingest that was taken for dead may still put. A part that is not full
 * stays in the writer, for rows that follow.
 *
 * @returns `lost` when another producer goes on with the batch; `whole` where the last part says that the source was
 *   read to its end; `open` otherwise
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
    // What nobody can read any more is written anew, from the source.
    if (rows === undefined) return "open";
    for (const row of rows) if (!(await writer.add(row))) return "lost";
    if (rows.length < SNAPSHOT_PART_ROWS) return "whole";
  }
  return "open";
}
