import { SNAPSHOT_PART_ROWS } from "@darkroom/core";
import type { ManifestRecord } from "./manifest-record.ts";
import { unfillable, type DestinationNames } from "./row-destination.ts";

/**
 * Forwards the records of a JSONL manifest, unless the template uses a column that no object of the first snapshot part
 * has, and one of these objects needs the template. For CSV, the header is sufficient.
 *
 * @throws DarkroomError `invalid_input` with field `template`
 */
export async function* refusedUnfillable(
  batches: AsyncIterable<readonly ManifestRecord[]>,
  names: DestinationNames,
): AsyncGenerator<readonly ManifestRecord[]> {
  let held: ManifestRecord[] | undefined = [];
  for await (const records of batches) {
    if (held === undefined) {
      yield records;
      continue;
    }
    held.push(...records);
    if (held.length < SNAPSHOT_PART_ROWS) continue;
    refuseUnfillable(held, names);
    yield held;
    held = undefined;
  }
  if (held === undefined) return;
  refuseUnfillable(held, names);
  yield held;
}

function refuseUnfillable(records: readonly ManifestRecord[], names: DestinationNames): void {
  const readable = records.filter(({ problem }) => problem === undefined);
  if (readable.every(({ columns }) => columns.destination !== undefined)) return;
  const columns = new Set<string>();
  for (const { columns: known, given = {}, carried = {} } of records) {
    for (const name of [...Object.keys(carried), ...Object.values(given), ...Object.keys(known)]) columns.add(name);
  }
  const unknown = names.unknownPlaceholders([...columns]);
  if (unknown.length > 0) throw unfillable(unknown, "the manifest", [...columns]);
}
