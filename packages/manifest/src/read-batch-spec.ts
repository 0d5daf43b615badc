import { buffer } from "node:stream/consumers";
import { batchKeys, batchSpecSchema, isDarkroomError, type BatchSpec, type ObjectStore } from "@darkroom/core";

/**
 * Reads a batch's spec from its `batch.json` at a destination; undefined if the file is missing or unreadable.
 *
 * @param folder of the destination within the store; ends with a slash. Defaults to the store itself
 * @throws DarkroomError if the store is temporarily unavailable
 */
export async function readBatchSpec(store: ObjectStore, batchId: string, folder = ""): Promise<BatchSpec | undefined> {
  try {
    const { body } = await store.get(folder + batchKeys(batchId).spec);
    const {
      ended: _,
      rounds: __,
      ...spec
    } = JSON.parse((await buffer(body)).toString("utf8")) as object & {
      ended?: unknown;
      rounds?: unknown;
    };
    return batchSpecSchema.safeParse(spec).data;
  } catch (error) {
    if (error instanceof SyntaxError || (isDarkroomError(error) && !error.retryable)) return undefined;
    throw error;
  }
}
