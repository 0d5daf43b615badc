import { messageOf, similarText } from "@darkroom/core";
import { similarKey, type PhotoPlace } from "@darkroom/manifest";

/** The message of a missing photo: where it was looked for, and a photo in its folder with nearly its name. */
export async function missingPhotoText(photo: PhotoPlace, error: unknown, signal: AbortSignal): Promise<string> {
  const message = messageOf(error);
  const similar = photo instanceof URL ? undefined : await similarKey(photo.store, photo.key, signal);
  return photo instanceof URL || similar === undefined ? message : `${message} (${similarText(photo.key, similar)})`;
}
