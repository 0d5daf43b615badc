import { extensionOf, isDarkroomError, type ObjectStore } from "@darkroom/core";
import { isPhotoKey } from "@darkroom/manifest";

/** Limit of keys searched in a folder for a similar one. */
const MOST_KEYS = 2_000;

/**
 * Finds a photo in the same folder whose key differs only in case, in the encoding of accents (as in lists made on
 * Windows) or in its extension, which spreadsheets often omit. For messages only: the key itself does not exist.
 */
export async function similarKey(store: ObjectStore, key: string, signal?: AbortSignal): Promise<string | undefined> {
  const prefix = key.slice(0, key.lastIndexOf("/") + 1);
  const wanted = plain(key);
  let sameStem: string | undefined;
  let seen = 0;
  try {
    for await (const other of store.list(signal === undefined ? { prefix } : { prefix, signal })) {
      const otherKey = plain(other.key);
      if (otherKey === wanted) return other.key;
      if (isPhotoKey(other.key) && isSameStem(wanted, otherKey)) sameStem ??= other.key;
      seen += 1;
      if (seen >= MOST_KEYS) return sameStem;
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (!isDarkroomError(error)) throw error;
  }
  return sameStem;
}

function plain(key: string): string {
  return key.normalize("NFC").toLowerCase();
}

/** True for `anna` or `anna.jpeg` and `anna.jpg`; names may contain dots. */
function isSameStem(wanted: string, photo: string): boolean {
  const stem = withoutExtension(photo);
  return wanted === stem || (isPhotoKey(wanted) && withoutExtension(wanted) === stem);
}

function withoutExtension(key: string): string {
  const extension = extensionOf(key);
  return extension === "" ? key : key.slice(0, -extension.length - 1);
}
