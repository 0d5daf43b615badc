import { isDarkroomError, whatLies, type ObjectStore, type PortraitRow, type WantedPicture } from "@darkroom/core";
import type { Marks } from "./result-marks.ts";

/** Where the pictures of a portrait go. */
export interface ResultTarget {
  readonly destination: ObjectStore;
  readonly row: PortraitRow;
  /** The main picture. */
  readonly wanted: WantedPicture;
  /** Other portraits' pictures of the same part are replaced. */
  readonly overwrite: boolean;
  readonly marks: Marks;
  readonly signal: AbortSignal;
  /** Ends the run where its claim is lost; see `confirmClaim`. */
  readonly confirm: () => Promise<unknown>;
}

/** What became of the pictures beside the main one. */
export interface StoredExtras {
  readonly keys: readonly string[];
  readonly warnings: readonly string[];
  /** Ordered ones that are not in their place; see core's `undeliveredPart`. */
  readonly undelivered: readonly string[];
}

interface ExtraPicture {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** Beside the marks. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Puts a variation or a cut beside the main picture. It takes the place of the same part of this portrait's main picture
 * and of nothing else: a photo, or another portrait's cut, that happens to have its name stays.
 *
 * @param part see {@link RESULT_METADATA}
 * @returns a warning where the place was taken, or the store will never take it: the main picture is there all the same
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
  const isOthers = there === "another" || there === "real";
  if (there === "foreign" || there === "part" || (isOthers && !overwrite)) {
    return `${part} was not stored: ${key} is there already and is something else; name it by another template`;
  }
  await confirm();
  await destination.put(key, bytes, { contentType, signal, metadata: { ...marks(bytes, part), ...metadata } });
  return undefined;
}
