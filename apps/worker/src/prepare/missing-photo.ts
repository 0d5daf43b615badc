import { messageOf, similarText } from "@darkroom/core";
import { similarKey, type PhotoPlace } from "@darkroom/manifest";

/**
 * Builds the message for a missing photo: the place that was searched, and a photo in the same folder with a similar
 * name.
 */
export async function missingPhotoText(photo: PhotoPlace, error: unknown, signal: AbortSignal): Promise<string> {
  const message = messageOf(error);
  const similar = photo instanceof URL ? undefined : await similarKey(photo.store, photo.key, signal);
  return photo instanceof URL || similar === undefined ? message : `${message} (${similarText(photo.key, similar)})`;
}
