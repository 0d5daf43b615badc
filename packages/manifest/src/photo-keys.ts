import { DARKROOM_FOLDER, extensionOf } from "@darkroom/core";

const PHOTO_EXTENSIONS = new Set(["jpg", "jpeg", "png", "webp", "gif", "heic", "heif", "tif", "tiff", "avif"]);

/** True for the file extension of a picture, in lower case and without its dot. */
export function isPhotoExtension(extension: string): boolean {
  return PHOTO_EXTENSIONS.has(extension);
}

/** True for a key that a listing takes as a photo: a picture by its extension, not hidden, and not one of our own files. */
export function isPhotoKey(key: string): boolean {
  if (!PHOTO_EXTENSIONS.has(extensionOf(key))) return false;
  return !key.split("/").some((segment) => segment.startsWith(".") || segment === DARKROOM_FOLDER);
}
