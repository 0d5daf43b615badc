import { DarkroomError, isRejected, SNAPSHOT_PART_ROWS, type SnapshotRow } from "@darkroom/core";
import { NO_BASE, NO_BOUNDS } from "./row-source.ts";

/**
 * Passes the rows of a manifest on, unless every row of it, as far as a snapshot part reaches, lacks the same base: then
 * the manifest is refused as a whole, while whoever sent it is still there.
 *
 * @throws DarkroomError `invalid_input` of the field `baseUrl`
 */
export async function* refusedWithoutBase(
  batches: AsyncIterable<readonly SnapshotRow[]>,
): AsyncGenerator<readonly SnapshotRow[]> {
  let held: SnapshotRow[] | undefined = [];
  for await (const rows of batches) {
    if (held === undefined) {
      yield rows;
      continue;
    }
    held.push(...rows);
    if (!rows.every(lacksBase)) {
      yield held;
      held = undefined;
    } else if (held.length >= SNAPSHOT_PART_ROWS) throw withoutBase();
  }
  if (held !== undefined && held.length > 0) throw withoutBase();
}

const WITHOUT_BASE = [NO_BASE, NO_BOUNDS];

function lacksBase(row: SnapshotRow): boolean {
  return isRejected(row) && WITHOUT_BASE.includes(row.rejected.message);
}

function withoutBase(): DarkroomError {
  const message =
    "baseUrl: nothing says where the photos lie that the rows may name; give baseUrl (--base) for relative paths and for s3:// and file:// URLs under it, or write https:// URLs.";
  return new DarkroomError("invalid_input", message, { field: "baseUrl" });
}
