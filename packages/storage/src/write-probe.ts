import { DarkroomError, isDarkroomError, messageOf, type ObjectStore } from "@darkroom/core";

/** The object that a write probe puts and deletes again; always the same, so that a store that lets nobody delete keeps one. */
const WRITE_PROBE_NAME = "darkroom-write-probe";
/** Of a probe that is not told a size. */
export const SMALL_PROBE_BYTES = 64;
/** A probe never writes more than this. */
const MOST_PROBE_BYTES = 32 * 1_024 * 1_024;

/**
 * Finds out whether a store takes writes in a folder: puts an object of zeros there and deletes it.
 *
 * @param folder under the store; ends with a slash, or is empty
 * @param sizeBytes how much must fit; at most {@link MOST_PROBE_BYTES} are written
 * @returns the refusal, or undefined where the store takes writes. A refused delete is none: what has to be put can be put.
 */
export async function probeWrites(
  store: ObjectStore,
  folder: string,
  sizeBytes: number,
  signal: AbortSignal,
): Promise<DarkroomError | undefined> {
  const key = `${folder}${WRITE_PROBE_NAME}`;
  const bytes = Buffer.alloc(Math.min(Math.max(sizeBytes, SMALL_PROBE_BYTES), MOST_PROBE_BYTES));
  try {
    await store.put(key, bytes, { contentType: "application/octet-stream", signal });
  } catch (error) {
    if (isDarkroomError(error)) return error;
    const message = `cannot write ${store.url}${folder}: ${messageOf(error)}`;
    return new DarkroomError("storage_unavailable", message, { retryable: true, cause: error });
  }
  await store.delete(key).catch(() => undefined);
  return undefined;
}
