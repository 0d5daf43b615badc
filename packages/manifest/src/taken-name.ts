import { sourceFields } from "@darkroom/core";
import { badRow, shown } from "./manifest-record.ts";
import type { NameOwner } from "./name-owners.ts";

/** A name that a row cannot have, because it belongs to an earlier row. */
export interface TakenName {
  /** The destination of the row's main picture. */
  readonly destination: string;
  /** The variation or cut whose name is taken; undefined for the main picture. */
  readonly extra?: string | undefined;
}

/** Describes an earlier manifest row in a message: its file, line and photo. */
export function earlierRow(file: string, owner: NameOwner | undefined): string {
  if (owner?.line === undefined) return "an earlier row";
  return `an earlier row (${file}, line ${owner.line}: ${shown(owner.source)})`;
}

/**
 * Explains why a manifest row is rejected, and how to fix it.
 *
 * @param earlier the row that has the name, as described by {@link earlierRow}
 * @param taken the name as written by that row; undefined if no longer known
 */
export function takenByRow({ destination, extra }: TakenName, earlier: string, taken: string | undefined): Error {
  const name = extra ?? destination;
  const alike = taken === undefined || taken === name ? "" : `, which is the same name as ${shown(name)} there`;
  const what =
    extra === undefined
      ? `${earlier} already goes to ${shown(taken ?? destination)}${alike}`
      : `${earlier} already has a result that goes to ${shown(taken ?? extra)}, where a variation or delivery of ${shown(destination)} would go`;
  return badRow("destination", `${what}; give this row its own destination, or a template with {id}`);
}

/** Two photos of a folder or prefix whose results would have the same name. */
export interface CollidingPhotos {
  readonly photo: string;
  /** The photo that has the name; undefined if no longer known. */
  readonly earlier: string | undefined;
  /** True if the batch has no template, so that a template finds its results (see `keyWithoutTemplate`). */
  readonly isPlain: boolean;
}

/** Explains why a photo of a folder or prefix is rejected, and how to fix it. */
export function takenByPhoto({ destination, extra }: TakenName, photos: CollidingPhotos): Error {
  const { photo, earlier } = photos;
  const other = earlier === undefined ? "an earlier photo" : shown(earlier);
  const what =
    extra === undefined
      ? `${shown(photo)} and ${other} would both be stored as ${shown(destination)}${encodingText(photo, earlier)}`
      : `a variation or delivery of ${shown(photo)} would be stored as ${shown(extra)}, which belongs to ${other}`;
  return badRow(undefined, `${what}; rename one of them${templateFor(photos)}`);
}

/** Explains two names that look the same, as the end of a clause. */
function encodingText(photo: string, earlier: string | undefined): string {
  const isAlike = earlier !== undefined && photo !== earlier && photo.normalize("NFC") === earlier.normalize("NFC");
  return isAlike ? " (only the Unicode encoding of their accents differs: NFC and NFD)" : "";
}

/** Suggests a template that keeps the names of two photos apart, as the end of a sentence. */
function templateFor({ photo, earlier, isPlain }: CollidingPhotos): string {
  if (earlier === undefined || photo === earlier) return "";
  const [a, b] = [sourceFields(photo), sourceFields(earlier)];
  // Names that differ only in case or in the encoding of accents may be one name at the destination.
  if (a.path !== b.path && folded(a.path) === folded(b.path)) return "";
  const template = a.path === b.path ? "{path}-{ext}" : "{path}";
  const cost = isPlain ? "copies existing results" : "pays again for existing results";
  return `, or give a template such as ${template} (--template "${template}"), which ${cost}`;
}

function folded(path: string): string {
  return path.normalize("NFC").toLowerCase();
}
