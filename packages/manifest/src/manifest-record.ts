import { DarkroomError } from "@darkroom/core";
import type { ManifestColumn } from "./columns.ts";

/**
 * Maximum length of a manifest row, in characters. Bounds the memory that a missing quote or line end can use, and the
 * size of a snapshot part, whose thousand rows form one text during a read.
 */
export const MAX_RECORD_CHARS = 65_536;

/** A row as written in its file: unchecked columns by name, without absent and empty columns. */
export interface ManifestRecord {
  /** The physical line on which the row starts, from 1; absent for a listed photo. */
  readonly line?: number;
  readonly columns: Readonly<Partial<Record<ManifestColumn, string>>>;
  readonly carried?: Readonly<Record<string, string>>;
  /** The file's names for Darkroom's columns, if they differ. */
  readonly given?: Readonly<Partial<Record<ManifestColumn, string>>>;
  /** Why the row cannot be used at all. */
  readonly problem?: { readonly field?: string; readonly message: string };
}

/** The error for a rejected row. `field` is the invalid column, and the message contains advice. */
export function badRow(field: string | undefined, message: string): DarkroomError {
  return new DarkroomError("invalid_input", message, field === undefined ? {} : { field });
}

/** The error for a manifest that is invalid as a whole, so that the batch fails. */
export function badManifest(message: string, cause?: unknown): DarkroomError {
  return new DarkroomError("invalid_input", message, { field: "source", cause });
}

const SHOWN_CHARS = 60;

/** Formats a value for a message: quoted and shortened. */
export function shown(value: string): string {
  const short = value.length <= SHOWN_CHARS ? value : `${value.slice(0, SHOWN_CHARS)}…`;
  // Shows a Windows path as typed, without doubled backslashes.
  return JSON.stringify(short).replaceAll("\\\\", "\\");
}

export const NOT_UTF8 =
  'this row contains bytes that are not UTF-8; save the file as "CSV UTF-8", or export it in UTF-8 again';

/** A decoder's replacement for invalid bytes. */
export const REPLACEMENT = "\uFFFD";
