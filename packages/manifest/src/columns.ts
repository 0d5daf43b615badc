/** Columns that Darkroom interprets. All others are copied to the report. */
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

/**
 * Names accepted for the source column when no column is called `source`. A name for a picture takes precedence over
 * one of {@link PLACE_ALIASES}. If two names are equally specific, neither is used.
 */
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
  "picturefile",
  "picturename",
  "photopath",
  "imagepath",
  "picturepath",
  "photolink",
  "imagelink",
  "picturelink",
  "imgurl",
  "headshoturl",
  "portraiturl",
  "fileurl",
  "fotodatei",
  "fotourl",
  "bildurl",
  "dateiurl",
  "fotolink",
  "bildlink",
  "fotopfad",
  "bildpfad",
  "dateipfad",
  "fotoname",
  "bildname",
  "pfad",
  "quelle",
  "fichier",
  "nomdefichier",
  "nomdufichier",
  "fichierphoto",
  "fichierimage",
  "urlphoto",
  "urlimage",
  "lienphoto",
  "chemin",
  "lien",
  "imagen",
  "archivo",
  "nombredearchivo",
  "nombredelarchivo",
  "fichero",
  "archivofoto",
  "urlfoto",
  "urlimagen",
  "ruta",
  "enlace",
  "fuente",
] as const;

/** Names among these for a location that may not be a picture: a `URL` beside `Photo` is a web page. */
const PLACE_ALIASES: ReadonlySet<string> = new Set(
  (
    "file filename key url filepath path link fileurl datei dateiname dateiurl dateipfad pfad quelle " +
    "fichier nomdefichier nomdufichier chemin lien archivo nombredearchivo nombredelarchivo fichero ruta enlace fuente"
  ).split(" "),
);

/**
 * Names in other languages for Darkroom's columns, used when no column has Darkroom's own name. Excludes words that are
 * common names for other columns (`Nummer`, `Anweisung`). Normalized by `columnKey`.
 */
export const COLUMN_ALIASES: Readonly<Record<ManifestColumn, readonly string[]>> = {
  source: SOURCE_ALIASES,
  id: ["kennung", "identifiant", "identificador"],
  destination: [
    "ziel",
    "zieldatei",
    "zielname",
    "zielpfad",
    "ausgabedatei",
    "fichierdestination",
    "fichierdesortie",
    "destino",
    "archivodestino",
    "archivodesalida",
  ],
  profile_ids: ["profileid", "profilids", "profilid", "idsdeprofil", "idsdeperfil"],
  prompt: [],
  preset: ["vorlage", "voreinstellung", "prereglage", "preajuste"],
  mode: ["modus", "modo"],
  intensity: ["intensitat", "intensitaet", "intensite", "intensidad"],
};

const MARKS = /\p{M}+/gu;
const SEPARATORS = /[^\p{L}\p{N}]+/gu;

/** Reduces a column's name to letters and digits for comparison: `Foto-URL`, `foto url` and `Foto/URL` are equal. */
export function columnKey(name: string): string {
  return name.normalize("NFKD").replace(MARKS, "").replace(SEPARATORS, "").toLowerCase();
}

const BY_KEY: ReadonlyMap<string, ManifestColumn> = new Map(
  MANIFEST_COLUMNS.map((column) => [columnKey(column), column]),
);

export function knownColumn(name: string): ManifestColumn | undefined {
  return BY_KEY.get(columnKey(name));
}

const NONE: ReadonlySet<string> = new Set();

/**
 * Maps names to Darkroom's columns: the column of that name, otherwise the first alias.
 *
 * @param carry names that map to no column, normalized by `columnKey`
 */
export function takenColumns(
  names: readonly string[],
  carry: ReadonlySet<string> = NONE,
): readonly (ManifestColumn | undefined)[] {
  const keys = keysOf(names, carry);
  const taken = keys.map((key) => BY_KEY.get(key));
  for (const column of MANIFEST_COLUMNS) {
    const [place] = rivals(keys, column);
    if (!taken.includes(column) && place !== undefined) taken[place] = column;
  }
  return taken;
}

/**
 * Returns the positions of competing aliases, for each of Darkroom's columns that several aliases match and that is not
 * present by name.
 */
export function unclearGroups(
  names: readonly string[],
  carry: ReadonlySet<string> = NONE,
): readonly (readonly number[])[] {
  const keys = keysOf(names, carry);
  return MANIFEST_COLUMNS.map((column) => rivals(keys, column)).filter(({ length }) => length > 1);
}

function keysOf(names: readonly string[], carry: ReadonlySet<string>): readonly string[] {
  return names.map(columnKey).map((key) => (carry.has(key) ? "" : key));
}

/**
 * Returns the positions of the aliases of a column that is not present by name. For the source, only the most specific
 * aliases.
 */
function rivals(keys: readonly string[], column: ManifestColumn): readonly number[] {
  if (keys.some((key) => BY_KEY.get(key) === column)) return [];
  const places = [...keys.entries()].filter(([, key]) => COLUMN_ALIASES[column].includes(key));
  const pictures = places.filter(([, key]) => column === "source" && !PLACE_ALIASES.has(key));
  return (pictures.length > 0 ? pictures : places).map(([place]) => place);
}

/** Returns the index of the source column's name; -1 if there is none. */
export function sourceColumn(names: readonly string[]): number {
  return takenColumns(names).indexOf("source");
}

/** `__proto__` is special on an object, so a column of this name is dropped. */
export function isCarriable(name: string): boolean {
  return name !== "__proto__";
}
