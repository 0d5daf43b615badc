import { DarkroomError, isRejected, SNAPSHOT_PART_ROWS, type SnapshotRow } from "@darkroom/core";
import { NO_BASE, NO_BOUNDS, OUT_OF_BOUNDS } from "./row-source.ts";

/**
 * Forwards a manifest's rows, unless its base is wrong for all of them. In that case, rejects the manifest while the
 * submitter is still waiting: when every row of the first snapshot part lacks a base, or a full snapshot part is
 * outside of the base.
 *
 * @throws DarkroomError `invalid_input` with field `baseUrl`
 */
export async function* refusedOutOfBase(
  batches: AsyncIterable<readonly SnapshotRow[]>,
): AsyncGenerator<readonly SnapshotRow[]> {
  let held: SnapshotRow[] | undefined = [];
  for await (const rows of batches) {
    if (held === undefined) {
      yield rows;
      continue;
    }
    held.push(...rows);
    if (!rows.every((row) => isRefusedFor(row, MISPLACED))) {
      yield held;
      held = undefined;
    } else if (held.length >= SNAPSHOT_PART_ROWS) throw held.every(lacksBase) ? withoutBase() : outsideOfBase(held);
  }
  if (held === undefined || held.length === 0) return;
  if (held.every(lacksBase)) throw withoutBase();
  yield held;
}

/**
 * Explains why a manifest that begins with these rows is refused because of its base; undefined if the base is valid.
 */
export function baseFault(rows: readonly SnapshotRow[]): DarkroomError | undefined {
  if (rows.every(lacksBase)) return withoutBase();
  const isOutside = rows.length >= SNAPSHOT_PART_ROWS && rows.every((row) => isRefusedFor(row, MISPLACED));
  return isOutside ? outsideOfBase(rows) : undefined;
}

const WITHOUT_BASE = [NO_BASE, NO_BOUNDS];
const MISPLACED = [...WITHOUT_BASE, OUT_OF_BOUNDS];

function isRefusedFor(row: SnapshotRow, messages: readonly string[]): boolean {
  return isRejected(row) && messages.includes(row.rejected.message);
}

function lacksBase(row: SnapshotRow): boolean {
  return isRefusedFor(row, WITHOUT_BASE);
}

function withoutBase(): DarkroomError {
  const message =
    "baseUrl: it is unknown where the photos of the rows are; give baseUrl (--base) for relative paths and for s3:// and file:// URLs under it, or write https:// URLs.";
  return new DarkroomError("invalid_input", message, { field: "baseUrl" });
}

function outsideOfBase({ length }: readonly SnapshotRow[]): DarkroomError {
  const message = `baseUrl: none of the first ${length} rows names a photo under the base; give another baseUrl (--base), or manifestSources (--manifest-sources).`;
  return new DarkroomError("invalid_input", message, { field: "baseUrl" });
}
