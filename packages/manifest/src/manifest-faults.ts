import { DarkroomError, isRejected, SNAPSHOT_PART_ROWS, type SnapshotRow } from "@darkroom/core";
import { splitManifestUrl } from "./manifest-url.ts";

/** Maximum number of mistakes that one message names. */
const MAX_FAULTS = 20;

/** A mistake that makes a manifest invalid, or is reported together with one that does. */
export interface ManifestFault {
  /** The line of the file, from 1. */
  readonly line?: number | undefined;
  /** The column, if the message does not name it. */
  readonly field?: string | undefined;
  readonly message: string;
}

/** Collects a manifest's mistakes, so that one message names all of them. */
export class ManifestFaults {
  readonly #url: string;
  readonly #refusals: ManifestFault[] = [];
  #refusalCount = 0;

  /** @param url the manifest's URL; messages use its file name */
  constructor(url: string) {
    this.#url = url;
  }

  /** True if the manifest is invalid. */
  get any(): boolean {
    return this.#refusalCount > 0;
  }

  /** Adds a mistake that makes the manifest invalid. */
  refuse(fault: ManifestFault): void {
    this.#refusalCount += 1;
    if (this.#refusals.length < MAX_FAULTS) this.#refusals.push(fault);
  }

  /**
   * The error, including the other mistakes.
   *
   * @param others the first other mistakes, by line
   * @param otherCount the number of all of them
   */
  error(others: readonly ManifestFault[] = [], otherCount = others.length): DarkroomError {
    const { key: file } = splitManifestUrl(this.#url);
    const told = new Set(this.#refusals.map(textOf));
    const more = others.filter((fault) => !told.has(textOf(fault)));
    const count = this.#refusalCount + otherCount - (others.length - more.length);
    const lines = [...this.#refusals, ...more]
      .slice(0, MAX_FAULTS)
      .map((fault) => `${file}${placeOf(fault)}: ${fault.message}`);
    const rest = count - lines.length;
    const all = [...lines, ...(rest > 0 ? [`and ${rest} more`] : [])].join("\n");
    const message = count === 1 ? all : `the manifest has ${count} mistakes:\n${all}`;
    return new DarkroomError("invalid_input", message, { field: "source" });
  }
}

function placeOf({ line, field }: ManifestFault): string {
  return `${line === undefined ? "" : `, line ${line}`}${field === undefined ? "" : `, ${field}`}`;
}

/** The same mistake may be reported for the manifest and for its row. */
function textOf({ line, message }: ManifestFault): string {
  return `${line ?? ""} ${message}`;
}

/**
 * Passes a manifest's rows on, unless a mistake found within its first snapshot part makes it invalid: the error then
 * names that part's bad rows, too.
 *
 * @throws DarkroomError `invalid_input`
 */
export async function* refusedForFaults(
  batches: AsyncIterable<readonly SnapshotRow[]>,
  faults: ManifestFaults,
): AsyncGenerator<readonly SnapshotRow[]> {
  let held: SnapshotRow[] | undefined = [];
  for await (const rows of batches) {
    if (held === undefined) {
      yield rows;
      continue;
    }
    held.push(...rows);
    if (held.length < SNAPSHOT_PART_ROWS) continue;
    if (faults.any) throw faults.error(badRowsOf(held));
    yield held;
    held = undefined;
  }
  if (held === undefined) return;
  if (faults.any) throw faults.error(badRowsOf(held));
  if (held.length > 0) yield held;
}

function badRowsOf(rows: readonly SnapshotRow[]): readonly ManifestFault[] {
  return rows.filter(isRejected).map(({ rejected: { line, field, message } }) => ({ line, field, message }));
}
