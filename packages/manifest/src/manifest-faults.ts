import { DarkroomError, isRejected, type SnapshotRow } from "@darkroom/core";
import { splitManifestUrl } from "./manifest-url.ts";
import { baseFault } from "./refused-out-of-base.ts";

/**
 * Number of rows that are checked before a manifest is accepted. Later rows are read while the batch runs, and a bad
 * one ends as `invalid_row`.
 */
export const CHECKED_ROWS = 10_000;
/** The same limit in pieces of rows as read, about 32 KB each. Bounds the memory of very long rows. */
const CHECKED_PIECES = 512;

/** Maximum number of mistakes named in one message. */
const MAX_FAULTS = 20;

/** A mistake that makes a manifest invalid, or is reported together with such a mistake. */
export interface ManifestFault {
  /** The line of the file, from 1. */
  readonly line?: number | undefined;
  /** The column, unless the message names it. */
  readonly field?: string | undefined;
  readonly message: string;
}

export interface FaultRules {
  /** If true, bad rows alone do not make the manifest invalid. Defaults to false. */
  readonly skipsBadRows?: boolean;
}

/** Advice about bad rows. */
export const HOW_TO_SKIP =
  "Mend them, or give --skip-bad-rows (skipBadRows: true) to enhance the others; each bad row then ends as invalid_row.";

/** Collects a manifest's mistakes, so that one message names all of them. */
export class ManifestFaults {
  readonly #url: string;
  /** If true, bad rows alone do not make the manifest invalid. */
  readonly skipsBadRows: boolean;
  readonly #refusals: ManifestFault[] = [];
  #refusalCount = 0;

  /** @param url the manifest's URL; messages use its file name */
  constructor(url: string, { skipsBadRows = false }: FaultRules = {}) {
    this.#url = url;
    this.skipsBadRows = skipsBadRows;
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
   * Returns the error, including the other mistakes.
   *
   * @param others the first other mistakes, by line
   * @param otherCount total number of other mistakes
   */
  error(others: readonly ManifestFault[] = [], otherCount = others.length): DarkroomError {
    const { key: file } = splitManifestUrl(this.#url);
    const told = new Set(this.#refusals.map(textOf));
    const more = others.filter((fault) => !told.has(textOf(fault)));
    const count = this.#refusalCount + otherCount - (others.length - more.length);
    const faults = [...this.#refusals, ...more].slice(0, MAX_FAULTS);
    const lines = faults.map((fault) => `${file}${placeOf(fault)}: ${fault.message}`);
    const rest = count - lines.length;
    const all = [...lines, ...(rest > 0 ? [`and ${rest} more`] : [])].join("\n");
    const mistakes = count === 1 ? all : `the manifest has ${count} mistakes:\n${all}`;
    const message = this.any ? mistakes : `${mistakes}\n${HOW_TO_SKIP}`;
    return new DarkroomError("invalid_input", message, { field: "source", faults });
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
 * Forwards the rows of a manifest, unless its first {@link CHECKED_ROWS} rows show that the manifest must be refused.
 * Reasons are its columns, and bad rows that must not be skipped. One error names all of the mistakes.
 *
 * @throws DarkroomError `invalid_input`
 */
export async function* refusedForFaults(
  batches: AsyncIterable<readonly SnapshotRow[]>,
  faults: ManifestFaults,
): AsyncGenerator<readonly SnapshotRow[]> {
  let held: SnapshotRow[] | undefined = [];
  let pieces = 0;
  for await (const rows of batches) {
    if (held === undefined) {
      yield rows;
      continue;
    }
    held.push(...rows);
    pieces += 1;
    if (held.length < CHECKED_ROWS && pieces < CHECKED_PIECES) continue;
    refuse(held, faults);
    yield held;
    held = undefined;
  }
  if (held === undefined) return;
  refuse(held, faults);
  if (held.length > 0) yield held;
}

function refuse(rows: readonly SnapshotRow[], faults: ManifestFaults): void {
  const bad = faults.any || !faults.skipsBadRows ? badRowsOf(rows.slice(0, CHECKED_ROWS)) : [];
  if (faults.any) throw faults.error(bad);
  if (bad.length > 0) throw baseFault(rows) ?? faults.error(bad);
}

function badRowsOf(rows: readonly SnapshotRow[]): readonly ManifestFault[] {
  return rows.filter(isRejected).map(({ rejected: { line, field, message } }) => ({ line, field, message }));
}
