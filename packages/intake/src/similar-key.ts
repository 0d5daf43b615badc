import { isDarkroomError, type ObjectStore } from "@darkroom/core";

/** Keys of a folder that are looked through for one that differs in case alone. */
const MOST_KEYS = 2_000;

/**
 * A key in the same folder that differs from this one in case, or in how accents are written, alone: lists that were made
 * on Windows name such files. For messages only: the key itself is not there.
 */
export async function similarKey(store: ObjectStore, key: string, signal?: AbortSignal): Promise<string | undefined> {
  const prefix = key.slice(0, key.lastIndexOf("/") + 1);
  const wanted = plain(key);
  let seen = 0;
  try {
    for await (const other of store.list(signal === undefined ? { prefix } : { prefix, signal })) {
      if (plain(other.key) === wanted) return other.key;
      seen += 1;
      if (seen >= MOST_KEYS) return undefined;
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (!isDarkroomError(error)) throw error;
  }
  return undefined;
}

function plain(key: string): string {
  return key.normalize("NFC").toLowerCase();
}
