import { extraKeys, isRejected, namesOnly, type BatchSpec, type ObjectStore, type SnapshotRow } from "@darkroom/core";
import { readSnapshotPart, snapshotFiles, SnapshotPartLost, writeSnapshotPart, type SnapshotFile } from "./snapshot.ts";

type NamedBatch = Pick<BatchSpec, "id" | "recipe">;

/** Yields the keys under a batch's destination that the batch has written, or may have written. */
export async function* resultNames(destination: ObjectStore, { id, recipe }: NamedBatch): AsyncGenerator<string> {
  for await (const { part } of snapshotFiles(destination, id)) {
    for (const row of await readSnapshotPart(destination, id, part)) {
      if (isRejected(row)) continue;
      yield row.destination;
      yield* extraKeys(recipe.output, row);
    }
  }
}

/**
 * Reduces a snapshot part of an ended batch to the fields that {@link resultNames} reads: no photos and no manifest
 * columns. Deletes a damaged part.
 */
export async function keepResultNames(
  destination: ObjectStore,
  { id, recipe }: NamedBatch,
  { part, fence, key }: SnapshotFile,
): Promise<void> {
  const reduced = (row: SnapshotRow): SnapshotRow =>
    isRejected(row)
      ? { index: row.index, rejected: { message: "" } }
      : { ...namesOnly(recipe.output, row), source: "" };
  try {
    const rows = await readSnapshotPart(destination, id, part);
    await writeSnapshotPart(destination, id, part, rows.map(reduced), fence);
  } catch (error) {
    if (!(error instanceof SnapshotPartLost)) throw error;
    await destination.delete(key);
  }
}
