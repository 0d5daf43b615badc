import {
  extraKeys,
  isRejected,
  namesOnly,
  type BatchSpec,
  type ObjectStore,
  type PortraitRow,
  type SnapshotRow,
} from "@darkroom/core";
import { readSnapshotPart, snapshotFiles, SnapshotPartLost, writeSnapshotPart, type SnapshotFile } from "./snapshot.ts";

type NamedBatch = Pick<BatchSpec, "id" | "recipe">;

/** Yields the keys under a batch's destination that the batch has written, or may have written. */
export async function* resultNames(destination: ObjectStore, batch: NamedBatch): AsyncGenerator<string> {
  for await (const row of rowsOf(destination, batch)) {
    yield row.destination;
    yield* extraKeys(batch.recipe.output, row);
  }
}

/** Yields the keys of the variations and cuts that a batch has written, or may have written. */
export async function* extraNames(destination: ObjectStore, batch: NamedBatch): AsyncGenerator<string> {
  const { variations = 1, deliveries = [] } = batch.recipe.output;
  if (variations === 1 && deliveries.length === 0) return;
  for await (const row of rowsOf(destination, batch)) yield* extraKeys(batch.recipe.output, row);
}

async function* rowsOf(destination: ObjectStore, { id }: Pick<BatchSpec, "id">): AsyncGenerator<PortraitRow> {
  for await (const { part } of snapshotFiles(destination, id)) {
    for (const row of await readSnapshotPart(destination, id, part)) if (!isRejected(row)) yield row;
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
