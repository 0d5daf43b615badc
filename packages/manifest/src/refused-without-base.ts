import { DarkroomError, isRejected, SNAPSHOT_PART_ROWS, type SnapshotRow } from "@darkroom/core";
import { NO_BASE } from "./row-source.ts";

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

function lacksBase(row: SnapshotRow): boolean {
  return isRejected(row) && row.rejected.message === NO_BASE;
}

function withoutBase(): DarkroomError {
  const message =
    "baseUrl: the rows name photos by relative paths, and nothing says where they lie; give baseUrl (--base), or write s3:// or https:// URLs.";
  return new DarkroomError("invalid_input", message, { field: "baseUrl" });
}
