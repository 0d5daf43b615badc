import { DarkroomError, isDarkroomError, messageOf, type ObjectStore } from "@darkroom/core";

/**
 * The object that a write probe puts and deletes. The name is constant, so that a store that forbids deletes keeps only
 * one.
 */
const WRITE_PROBE_NAME = "darkroom-write-probe";
/** Default size of a probe. */
export const SMALL_PROBE_BYTES = 64;
/** Maximum size of a probe. */
const MOST_PROBE_BYTES = 32 * 1_024 * 1_024;

/**
 * Tests whether a store accepts writes in a folder: puts an object of zeros and deletes it. Ignores a refused delete.
 *
 * @param folder under the store; ends with a slash, or is empty
 * @param sizeBytes space to test, up to {@link MOST_PROBE_BYTES}
 * @returns the refusal, or undefined when the store accepts writes
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
