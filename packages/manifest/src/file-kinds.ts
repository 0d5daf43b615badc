import { DARKROOM_FOLDER, extensionOf, type LeftOutKind } from "@darkroom/core";

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/));
}

/** File types by extension, in lower case and without the dot. */
const EXTENSIONS = {
  photo: words("jpg jpeg jpe jif jfif png webp gif heic heics heif heifs hif tif tiff avif"),
  raw: words(
    "3fr ari arw bay cap cr2 cr3 crw dcr dcs dng erf fff gpr iiq k25 kdc mdc mef mos mrw nef nrw orf pef ptx raf raw rw2 rwl sr2 srf srw x3f",
  ),
  unsupported_picture: words(
    "bmp dib psd psb jxl jp2 j2k jpf svg eps ai ico icns tga exr hdr pcx xcf cdr indd afphoto",
  ),
  video: words("mov mp4 m4v avi mts m2ts mpg mpeg 3gp mkv webm wmv insv lrv"),
  sidecar: words("xmp thm aae pp3 dop cos on1 nksc acr arp ctg"),
} as const;

export type FileKind = "photo" | Exclude<LeftOutKind, "filtered" | "results" | "linked_folder" | "unreadable_folder">;

/**
 * Folders of file servers, operating systems, trash and archives, whose pictures are not meant as photos. In lower
 * case.
 */
const SYSTEM_FOLDERS = words(
  "@eadir @recycle @recently-snapshot @sharebin @tmp #recycle #snapshot $recycle.bin recycler recycled lost+found __macosx",
);
const SYSTEM_FOLDERS_WITH_SPACES = new Set(["system volume information", "network trash folder", "temporary items"]);
/** Files that photo and office programs keep in their own folders, such as previews. */
const PROGRAM_FOLDER =
  /\.(?:photoslibrary|photolibrary|migratedphotolibrary|aplibrary|lrdata|lrlibrary|cocatalogdb|numbers|pages|rtfd)$/i;
const SYSTEM_FILES = words("thumbs.db ehthumbs.db desktop.ini");

/** True for the file extension of a picture, in lower case and without its dot. */
export function isPhotoExtension(extension: string): boolean {
  return EXTENSIONS.photo.has(extension);
}

/** Returns the type of a file by its name. */
export function fileKind(key: string): FileKind {
  const name = key.slice(key.lastIndexOf("/") + 1);
  if (name.startsWith(".") || SYSTEM_FILES.has(name.toLowerCase())) return "system";
  const extension = extensionOf(name);
  if (extension === "") return "no_extension";
  for (const kind of ["photo", "raw", "unsupported_picture", "video", "sidecar"] as const) {
    if (EXTENSIONS[kind].has(extension)) return kind;
  }
  return "other";
}

/** True for the name of a folder, without a slash, that belongs to a system and contains no photos of the user. */
export function isSystemFolder(name: string): boolean {
  const lower = name.toLowerCase();
  return (
    name.startsWith(".") ||
    SYSTEM_FOLDERS.has(lower) ||
    SYSTEM_FOLDERS_WITH_SPACES.has(lower) ||
    PROGRAM_FOLDER.test(name)
  );
}

/**
 * True for a key that is a photo: it has a picture's extension, is not hidden, and is in no folder of a system or of
 * Darkroom.
 */
export function isPhotoKey(key: string): boolean {
  if (fileKind(key) !== "photo") return false;
  return !key
    .split("/")
    .slice(0, -1)
    .some((folder) => isSystemFolder(folder) || folder === DARKROOM_FOLDER);
}
