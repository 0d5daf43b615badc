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

/**
 * Names in other languages that people give our columns, taken in this order when no column has our own name. Words that
 * are also the names of people's own columns (`Nummer`, `Anweisung`) are not among them. As `columnKey` gives them.
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

/** The letters and digits of a column's name, as names are compared: `Foto-URL`, `foto url` and `Foto/URL` are one. */
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
 * The column of ours that each of these names stands for: the one of that name, else the first of its aliases.
 *
 * @param carry names that stand for none, as `columnKey` gives them
 */
export function takenColumns(
  names: readonly string[],
  carry: ReadonlySet<string> = NONE,
): readonly (ManifestColumn | undefined)[] {
  const keys = names.map(columnKey).map((key) => (carry.has(key) ? "" : key));
  const taken = keys.map((key) => BY_KEY.get(key));
  for (const column of MANIFEST_COLUMNS) {
    if (taken.includes(column)) continue;
    const place = COLUMN_ALIASES[column].map((alias) => keys.indexOf(alias)).find((found) => found !== -1);
    if (place !== undefined) taken[place] = column;
  }
  return taken;
}

/** Which of these names holds the source; -1 for none. */
export function sourceColumn(names: readonly string[]): number {
  return takenColumns(names).indexOf("source");
}

/** An object cannot have a column of this name that behaves like one; it is dropped. */
export function isCarriable(name: string): boolean {
  return name !== "__proto__";
}
