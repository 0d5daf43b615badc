import { extensionOf, isDarkroomError, type ListWalk, type ObjectStore } from "@darkroom/core";
import { isPhotoKey } from "./file-kinds.ts";

/** Limit of keys searched in a folder for a similar one. */
const MOST_KEYS = 2_000;

/**
 * Finds a photo in the same folder whose key differs only in case, in the encoding of accents (as in lists made on
 * Windows) or in its extension, which spreadsheets often omit. Only for messages, because the key itself does not
 * exist.
 */
export async function similarKey(store: ObjectStore, key: string, signal?: AbortSignal): Promise<string | undefined> {
  const prefix = key.slice(0, key.lastIndexOf("/") + 1);
  const wanted = plain(key);
  const isAlike = (other: string): boolean =>
    plain(other) === wanted || (isPhotoKey(other) && isSameStem(wanted, plain(other)));
  // A local folder would hash each listed file. A bucket would continue to list without a limit.
  const walk: ListWalk | undefined =
    store.kind === "local"
      ? { wants: isAlike, enters: (folder) => Promise.resolve(prefix.startsWith(folder)), passesOver: () => undefined }
      : undefined;
  let sameStem: string | undefined;
  let seen = 0;
  try {
    for await (const other of store.list({ prefix, ...(walk && { walk }), ...(signal && { signal }) })) {
      if (plain(other.key) === wanted) return other.key;
      if (isAlike(other.key)) sameStem ??= other.key;
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

/** True for `anna` or `anna.jpeg` and `anna.jpg`. Names may contain dots. */
function isSameStem(wanted: string, photo: string): boolean {
  const stem = withoutExtension(photo);
  return wanted === stem || (isPhotoKey(wanted) && withoutExtension(wanted) === stem);
}

function withoutExtension(key: string): string {
  const extension = extensionOf(key);
  return extension === "" ? key : key.slice(0, -extension.length - 1);
}
