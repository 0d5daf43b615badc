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

/**
 * Names that people give the source column when none is called `source`. One that says that it is a picture goes before one
 * of {@link PLACE_ALIASES}; of two that say the same much, neither is taken.
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

/** Of these, the names that say where something is and not that it is a picture: a `URL` beside `Photo` is a web page. */
const PLACE_ALIASES: ReadonlySet<string> = new Set(
  (
    "file filename key url filepath path link fileurl datei dateiname dateiurl dateipfad pfad quelle " +
    "fichier nomdefichier nomdufichier chemin lien archivo nombredearchivo nombredelarchivo fichero ruta enlace fuente"
  ).split(" "),
);

/**
 * Names in other languages that people give our columns, taken when no column has our own name. Words that
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
 * The column of ours that each of these names stands for: the one of that name, else its first alias.
 *
 * @param carry names that stand for none, as `columnKey` gives them
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

/** For each column of ours that two names or more could be, and none is by our own name, the places of these. */
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

/** The places of the aliases of a column that no name is our own of; of the source's those that say most. */
function rivals(keys: readonly string[], column: ManifestColumn): readonly number[] {
  if (keys.some((key) => BY_KEY.get(key) === column)) return [];
  const places = [...keys.entries()].filter(([, key]) => COLUMN_ALIASES[column].includes(key));
  const pictures = places.filter(([, key]) => column === "source" && !PLACE_ALIASES.has(key));
  return (pictures.length > 0 ? pictures : places).map(([place]) => place);
}

/** Which of these names holds the source; -1 for none. */
export function sourceColumn(names: readonly string[]): number {
  return takenColumns(names).indexOf("source");
}

/** An object cannot have a column of this name that behaves like one; it is dropped. */
export function isCarriable(name: string): boolean {
  return name !== "__proto__";
}
