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

/** Which of these names holds the source: `source` itself, else the first alias that is there; -1 for none. */
export function sourceColumn(names: readonly string[]): number {
  const keys = names.map(columnKey);
  for (const wanted of ["source", ...SOURCE_ALIASES]) {
    const found = keys.indexOf(wanted);
    if (found !== -1) return found;
  }
  return -1;
}

/** An object cannot have a column of this name that behaves like one; it is dropped. */
export function isCarriable(name: string): boolean {
  return name !== "__proto__";
}
