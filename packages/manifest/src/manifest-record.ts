import { DarkroomError } from "@darkroom/core";
import type { ManifestColumn } from "./columns.ts";

/**
 * The longest row that a manifest may hold. It bounds what a missing quote or line end can make us hold in memory, and a
 * snapshot part, a thousand rows of which are one text while they are read.
 */
export const MAX_RECORD_CHARS = 65_536;

/** A row as its file has it: columns by name, nothing checked yet. Absent and empty columns are left out. */
export interface ManifestRecord {
  /** The physical line on which the row starts, from 1; absent for a listed photo. */
  readonly line?: number;
  readonly columns: Readonly<Partial<Record<ManifestColumn, string>>>;
  readonly carried?: Readonly<Record<string, string>>;
  /** What the file calls our columns, where that is not our own name. */
  readonly given?: Readonly<Partial<Record<ManifestColumn, string>>>;
  /** Why the row cannot be used at all. */
  readonly problem?: { readonly field?: string; readonly message: string };
}

/** A row that cannot be accepted: `field` is the column at fault, the message says what to do. */
export function badRow(field: string | undefined, message: string): DarkroomError {
  return new DarkroomError("invalid_input", message, field === undefined ? {} : { field });
}

/** A manifest that cannot be read as a whole, so that the batch fails. */
export function badManifest(message: string, cause?: unknown): DarkroomError {
  return new DarkroomError("invalid_input", message, { field: "source", cause });
}

const SHOWN_CHARS = 60;

/** A value as a message shows it: quoted, and not longer than a person wants to read. */
export function shown(value: string): string {
  const short = value.length <= SHOWN_CHARS ? value : `${value.slice(0, SHOWN_CHARS)}…`;
  // A path of Windows is shown as it was typed.
  return JSON.stringify(short).replaceAll("\\\\", "\\");
}

export const NOT_UTF8 =
  'this row holds bytes that are not UTF-8; save the file as "CSV UTF-8", or export it in UTF-8 again';

/** What a decoder leaves where bytes were no text. */
export const REPLACEMENT = "\uFFFD";
