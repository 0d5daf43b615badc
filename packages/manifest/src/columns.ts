import { foldedName } from "@darkroom/core";

/** The columns that mean something to us; every other one is carried through to the report. */
export const MANIFEST_COLUMNS = [
  "source",
  "id",
  "destination",
  "profile_ids",
  "prompt",
  "preset",
  "mode",
  "intensity",
] as const;

export type ManifestColumn = (typeof MANIFEST_COLUMNS)[number];

/** Names that people give the source column, taken in this order when no column is called `source`. */
export const SOURCE_ALIASES = [
  "file",
  "filename",
  "key",
  "url",
  "photo",
  "image",
  "picture",
  "photourl",
  "photofile",
  "photoname",
  "imageurl",
  "imagefile",
  "imagename",
  "pictureurl",
  "headshot",
  "portrait",
  "filepath",
  "path",
  "link",
  "img",
  "bild",
  "bilddatei",
  "foto",
  "datei",
  "dateiname",
] as const;

const BY_FOLDED_NAME: ReadonlyMap<string, ManifestColumn> = new Map(
  MANIFEST_COLUMNS.map((column) => [foldedName(column), column]),
);

export function knownColumn(name: string): ManifestColumn | undefined {
  return BY_FOLDED_NAME.get(foldedName(name));
}

/** Which of these names holds the source: `source` itself, else the first alias that is there; -1 for none. */
export function sourceColumn(names: readonly string[]): number {
  const foldedNames = names.map(foldedName);
  for (const wanted of ["source", ...SOURCE_ALIASES]) {
    const found = foldedNames.indexOf(wanted);
    if (found !== -1) return found;
  }
  return -1;
}

/** An object cannot have a column of this name that behaves like one; it is dropped. */
export function isCarriable(name: string): boolean {
  return name !== "__proto__";
}
