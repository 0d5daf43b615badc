import { text } from "node:stream/consumers";
import { batchKeys, isDarkroomError, leftBehindFileSchema, type LeftBehind } from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import type { Services } from "../services.ts";

/**
 * Reads the files found at the end of a batch at the keys of portraits without a picture: index → file. Empty before
 * the end, and after the list was deleted.
 */
export async function readLeftBehind(
  { openStore }: Pick<Services, "openStore">,
  { spec, leftBehind }: Pick<BatchRecord, "spec" | "leftBehind">,
): Promise<ReadonlyMap<number, LeftBehind>> {
  if (Object.keys(leftBehind).length === 0) return new Map();
  try {
    const { body } = await openStore(spec.destination.url).get(batchKeys(spec.id).leftBehind);
    const { portraits } = leftBehindFileSchema.parse(JSON.parse(await text(body)));
    return new Map(portraits.map(({ index, kind }) => [index, kind]));
  } catch (error) {
    if (isDarkroomError(error, "storage_not_found")) return new Map();
    throw error;
  }
}
