import { DarkroomError, safeKey } from "@darkroom/core";
import { fileKind, isPhotoKey } from "@darkroom/manifest";

const KINDS: Readonly<Partial<Record<ReturnType<typeof fileKind>, string>>> = {
  raw: "a camera's raw file; develop it and save it as JPEG, PNG or TIFF",
  unsupported_picture: "a kind of picture that is not supported; save it as JPEG or PNG",
  video: "a video, not a picture",
  sidecar: "a settings file of a photo program, not a picture",
  system: "a hidden file or a file of the system, not a photo",
};

/**
 * Returns the key of an uploaded photo.
 *
 * @param path the file's name, or its path in a dropped folder
 * @throws DarkroomError `invalid_input` with field `path`, for a name that would leave the upload's folder or that a
 *   batch would not read as a photo
 */
export function uploadKey(path: string): string {
  const key = keyOf(path);
  if (isPhotoKey(key)) return key;
  const what = KINDS[fileKind(key)] ?? "no file that Darkroom reads as a photo, by its name";
  throw new DarkroomError("invalid_input", `The file is ${what}.`, { field: "path" });
}

function keyOf(path: string): string {
  try {
    return safeKey(path);
  } catch (cause) {
    if (!(cause instanceof DarkroomError)) throw cause;
    const message = cause.message.replace("the destination name", "The name of the file");
    throw new DarkroomError("invalid_input", `${message}.`, { field: "path", cause });
  }
}
