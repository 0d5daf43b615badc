import { DarkroomError } from "../errors.ts";
import { probablyMeant } from "../probably-meant.ts";
import { placeholdersOf } from "./placeholders.ts";

/** The only placeholder of a destination. Only schedules know it. */
const DATE = "date";
export const DATE_PLACEHOLDER = `{${DATE}}`;

/** @param day in the form 2026-11-21 */
export function datedDestination(destination: string, day: string): string {
  return destination.replaceAll(DATE_PLACEHOLDER, day);
}

/**
 * Rejects a destination with placeholders that would become part of a folder's name.
 *
 * @param destination a store's URL, in which braces may be percent-encoded
 * @throws DarkroomError `invalid_input`
 */
export function checkDestinationPlaceholders(
  destination: string,
  { isScheduled }: { readonly isScheduled: boolean },
): void {
  const names = placeholdersOf(destination.replaceAll(/%7b/gi, "{").replaceAll(/%7d/gi, "}"));
  const unknown = names.filter((name) => !isScheduled || name !== DATE);
  if (unknown.length === 0) return;
  const list = [...new Set(unknown)].map((name) => `{${decoded(name)}}`).join(", ");
  const isMeant = isScheduled && unknown.some((name) => probablyMeant(decoded(name), [DATE]) !== undefined);
  const known = isScheduled
    ? `${isMeant ? `did you mean ${DATE_PLACEHOLDER}? Otherwise ` : ""}name a folder without braces; a schedule's destination knows only ${DATE_PLACEHOLDER}`
    : `name a folder without braces; only a schedule's destination knows ${DATE_PLACEHOLDER}`;
  throw new DarkroomError(
    "invalid_input",
    `The destination uses ${list}, which it does not know; ${known}. Placeholders for a photo, such as {name}, belong in the template.`,
    { field: "destination" },
  );
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
