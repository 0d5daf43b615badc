import { sourceFields } from "@darkroom/core";
import { badRow, shown } from "./manifest-record.ts";
import type { NameOwner } from "./name-owners.ts";

/** A name that a row cannot have because an earlier one has it. */
export interface TakenName {
  /** The row's main picture would go there. */
  readonly destination: string;
  /** The variation or cut whose name is taken, where it is not the main picture's. */
  readonly extra?: string | undefined;
}

/** An earlier row of a manifest, as a message names it: its file and line, and its photo. */
export function earlierRow(file: string, owner: NameOwner | undefined): string {
  if (owner?.line === undefined) return "an earlier row";
  return `an earlier row (${file}, line ${owner.line}: ${shown(owner.source)})`;
}

/**
 * Why a row of a manifest is refused, and what to do.
 *
 * @param earlier the row that has the name, as {@link earlierRow} says it
 * @param taken the name as that row writes it; undefined where that is not known any more
 */
export function takenByRow({ destination, extra }: TakenName, earlier: string, taken: string | undefined): Error {
  const name = extra ?? destination;
  const alike = taken === undefined || taken === name ? "" : `, which is one name with ${shown(name)} there`;
  const what =
    extra === undefined
      ? `${earlier} goes to ${shown(taken ?? destination)} already${alike}`
      : `${earlier} has a result that goes to ${shown(taken ?? extra)} already, where a variation or delivery of ${shown(destination)} would go`;
  return badRow("destination", `${what}; give this row a destination of its own, or a template with {id}`);
}

/**
 * Why a photo of a folder or prefix is refused, and what to do.
 *
 * @param earlier the photo that has the name; undefined where that is not known any more
 */
export function takenByPhoto({ destination, extra }: TakenName, photo: string, earlier: string | undefined): Error {
  const other = earlier === undefined ? "an earlier photo" : shown(earlier);
  const what =
    extra === undefined
      ? `${shown(photo)} and ${other} would both be stored as ${shown(destination)}`
      : `a variation or delivery of ${shown(photo)} would be stored as ${shown(extra)}, which ${other} takes`;
  return badRow(undefined, `${what}; rename one of them${templateFor(photo, earlier)}`);
}

/** A template that keeps the names of two photos apart, as words that follow on. */
function templateFor(photo: string, earlier: string | undefined): string {
  if (earlier === undefined || photo === earlier) return "";
  const [a, b] = [sourceFields(photo), sourceFields(earlier)];
  // Names that differ in case or in how accents are written alone may be one name at the destination.
  if (a.path !== b.path && folded(a.path) === folded(b.path)) return "";
  const template = a.path === b.path ? "{path}-{ext}" : "{path}";
  return `, or name the results by a template such as ${template} (--template "${template}")`;
}

function folded(path: string): string {
  return path.normalize("NFC").toLowerCase();
}
