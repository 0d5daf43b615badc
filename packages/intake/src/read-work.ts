import { DarkroomError, isRejected, type BatchSpec, type OpenStore, type SnapshotRow } from "@darkroom/core";
import { isOutsideOfKey, ManifestFaults, readSource } from "@darkroom/manifest";
import { splitObjectUrl } from "@darkroom/storage";
import { ownResults } from "./own-results.ts";
import { WorkCount } from "./quote-cost.ts";

/** The work of a batch, read from all of its rows. */
export interface ReadWork {
  /** Rows that can be enhanced. */
  readonly rows: number;
  /** Maximum total cost if each row is paid once; null without a price. */
  readonly usd: number | null;
}

/**
 * Reads a source to its end in constant memory, and checks each row against the prefixes that its submitter's key may
 * read. Reads no photos.
 *
 * @throws DarkroomError `forbidden` with the line of the first row outside of these prefixes; otherwise the errors with
 *   which the batch would fail
 */
export async function readWork(spec: BatchSpec, openStore: OpenStore): Promise<ReadWork> {
  const { source, destination, recipe, control } = spec;
  const work = new WorkCount(recipe);
  let rows = 0;
  const stream = readSource({
    source,
    destination,
    output: recipe.output,
    openStore,
    foldCase: openStore(destination.url).kind === "local",
    leaveOut: ownResults(source, spec),
    // Faults are only collected here. The earlier check rejects a manifest for its mistakes.
    faults: new ManifestFaults(source.url, { skipsBadRows: true }),
  });
  for await (const some of stream) {
    refuseOutside(some, source.url);
    for (const row of some) {
      if (isRejected(row)) continue;
      rows += 1;
      work.add(row);
    }
  }
  return { rows, usd: work.dearestCost(control?.fallback?.provider, spec.prices).usd };
}

/** @throws DarkroomError `forbidden` for the first row whose photo the submitter's key may not read */
export function refuseOutside(rows: readonly SnapshotRow[], manifestUrl: string): void {
  const found = rows.find(isOutsideOfKey);
  if (found === undefined) return;
  const { line, message } = found.rejected;
  const place = line === undefined ? "" : `, line ${line}`;
  throw new DarkroomError("forbidden", `${splitObjectUrl(manifestUrl).key}${place}: ${message}.`, { field: "source" });
}
