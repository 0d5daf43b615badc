import {
  isDarkroomError,
  isTaken,
  whatLies,
  type ObjectStore,
  type Overwrite,
  type PortraitRow,
  type WantedPicture,
} from "@darkroom/core";
import type { Marks } from "./result-marks.ts";

/** The place where the pictures of a portrait are stored. */
export interface ResultTarget {
  readonly destination: ObjectStore;
  readonly row: PortraitRow;
  /** The main picture. */
  readonly wanted: WantedPicture;
  /** The files that the batch may replace. */
  readonly overwrite: Overwrite;
  readonly marks: Marks;
  readonly signal: AbortSignal;
  /** Throws `RunEnded` when the claim is lost; see `confirmClaim`. */
  readonly confirm: () => Promise<unknown>;
}

/** The result of storing the pictures other than the main one. */
export interface StoredExtras {
  readonly keys: readonly string[];
  readonly warnings: readonly string[];
  /** Ordered pictures that could not be stored at their keys; see core's `undeliveredPart`. */
  readonly undelivered: readonly string[];
}

interface ExtraPicture {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** Added to the marks. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Stores a variation or a cut beside the main picture. It replaces only the same part of this portrait's main picture,
 * never a photo or another portrait's cut of the same name. A variation of another recipe was paid for and stays unless
 * the batch may replace it. A cut is replaced together with its main picture.
 *
 * @param part see {@link RESULT_METADATA}
 * @returns a warning when the key is taken or the store will never accept it; the main picture is stored anyway
 */
export async function storeExtra(
  target: ResultTarget,
  key: string,
  part: string,
  picture: ExtraPicture,
): Promise<string | undefined> {
  try {
    return await putExtra(target, key, part, picture);
  } catch (error) {
    target.signal.throwIfAborted();
    if (!isDarkroomError(error) || !error.code.startsWith("storage_") || error.retryable) throw error;
    return `${part} was not stored: ${error.message}`;
  }
}

async function putExtra(
  { destination, row, wanted, overwrite, marks, signal, confirm }: ResultTarget,
  key: string,
  part: string,
  { bytes, contentType, metadata }: ExtraPicture,
): Promise<string | undefined> {
  const there = whatLies(await destination.head(key), { ...wanted, part: { name: part, of: row.destination } });
  const isPaid = there === "other-recipe" && part.startsWith("variation-");
  const mayStay = there === "another" || there === "real" || isPaid;
  if (there === "foreign" || there === "part" || (mayStay && isTaken(there, overwrite))) {
    return `${part} was not stored: ${key} already exists and is another object; use another template`;
  }
  await confirm();
  await destination.put(key, bytes, { contentType, signal, metadata: { ...marks(bytes, part), ...metadata } });
  return undefined;
}
