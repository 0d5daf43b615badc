import { z } from "zod";
import { canonicalJson, DarkroomError, sha256 } from "@darkroom/core";

/** Format of the cursors. Those of another format are refused. */
const VERSION = 1;
const CHECK_CHARS = 12;

/** Identifies a list by its contents, owner and filters. A cursor continues only its own list. */
export type ListName = Readonly<Record<string, unknown>>;

export const cursorField = z
  .string()
  .min(1)
  .max(500)
  .optional()
  .describe("`nextCursor` of the previous page, with the same filters.");

export const nextCursorField = z
  .string()
  .nullable()
  .describe("`cursor` of the next page; null at the end. Its text has no meaning for clients.");

/** Returns the cursor of a position in a list. */
export function cursorAt(list: ListName, position: string | number): string {
  const text = Buffer.from(JSON.stringify([VERSION, position])).toString("base64url");
  return `${text}.${checkOf(list, text)}`;
}

/** Returns the cursor of the next page, as in a response. */
export function nextCursor(list: ListName, position: string | number | undefined): string | null {
  return position === undefined ? null : cursorAt(list, position);
}

/**
 * Returns the position of a cursor; undefined for the first page.
 *
 * @throws DarkroomError `invalid_input` for a cursor of another list or version
 */
export function positionOf<Kind extends "string" | "number">(
  list: ListName,
  cursor: string | undefined,
  kind: Kind,
): (Kind extends "string" ? string : number) | undefined {
  if (cursor === undefined) return undefined;
  const [text = "", check] = cursor.split(".");
  if (check !== checkOf(list, text)) throw badCursor();
  const [version, position] = JSON.parse(Buffer.from(text, "base64url").toString()) as readonly unknown[];
  if (version !== VERSION || typeof position !== kind) throw badCursor();
  return position as Kind extends "string" ? string : number;
}

function checkOf(list: ListName, text: string): string {
  return sha256(`${canonicalJson(list)}\n${text}`).slice(0, CHECK_CHARS);
}

function badCursor(): DarkroomError {
  const message =
    "cursor: it is not from this list with these filters. Send nextCursor as it was, or omit it to begin again.";
  return new DarkroomError("invalid_input", message, { field: "cursor" });
}
