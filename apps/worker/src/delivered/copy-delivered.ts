import {
  formatOfKey,
  isDarkroomError,
  isSimulated,
  isTaken,
  RESULT_METADATA,
  variationKey,
  whatLies,
  type BatchSpec,
  type DeliveredNote,
  type GetResult,
  type ObjectStore,
  type PortraitRow,
  type WantedPicture,
} from "@darkroom/core";
import type { WorkerContext } from "../run/worker-context.ts";
import { fingerprintsOf, forgetReplaced, noteDelivery } from "./delivery-notes.ts";

export interface DeliveredCopy {
  readonly spec: BatchSpec;
  readonly row: PortraitRow;
  readonly destination: ObjectStore;
  readonly wanted: WantedPicture;
  /** Number of pictures ordered, including the main one. */
  readonly wished: number;
  readonly signal: AbortSignal;
  /** Throws `RunEnded` when the claim is lost; see `confirmClaim`. */
  readonly confirm: () => Promise<unknown>;
}

/**
 * Copies a picture that the schedule delivered earlier to another key, so that a moved or duplicated photo is not paid
 * for again. The copy keeps the marks of the paid portrait, except for the place of the source photo. The main picture
 * is copied last, so a copy with a main picture is complete.
 *
 * @returns false when the recorded result is missing, was replaced or has another format
 */
export async function copyDelivered(
  context: Pick<WorkerContext, "openNotes" | "openStore">,
  copy: DeliveredCopy,
  note: DeliveredNote,
): Promise<boolean> {
  const { spec, row, destination, wanted, signal } = copy;
  const { fingerprint } = wanted;
  if (formatOfKey(note.destination) !== formatOfKey(row.destination)) return false;
  if (!isOfSchedule(note.url, spec)) return false;
  const from = context.openStore(note.url);
  const main = await openResult(from, note.destination, signal);
  if (main === undefined) return false;
  const isMissed = isSimulated(main.info) && !wanted.simulated;
  if (isMissed || !fingerprintsOf(main.info).includes(fingerprint)) {
    main.body.destroy();
    return false;
  }
  try {
    await copyVariations(copy, from, note.destination, main.info.metadata[RESULT_METADATA.fingerprint]);
    await forgetReplaced(context, spec, { row, destination, fingerprint });
    await putCopy(copy, row.destination, main, {});
  } finally {
    main.body.destroy();
  }
  await noteDelivery(context, spec, row, main.info);
  return true;
}

/** Other users may be able to write notes into this bucket, so only the schedule's own results are copied. */
function isOfSchedule(url: string, { destination, schedule }: BatchSpec): boolean {
  return url === destination.url || (schedule !== undefined && url.startsWith(schedule.resultsUrl));
}

async function copyVariations(
  copy: DeliveredCopy,
  from: ObjectStore,
  mainKey: string,
  print: string | undefined,
): Promise<void> {
  const { spec, row, destination, wished, signal } = copy;
  // Never overwrites a file that is not a variation of this photo, whatever the batch may replace.
  const overwrite = (spec.destination.overwrite ?? false) === false ? false : "other-recipe";
  for (let number = 2; number <= wished; number += 1) {
    const there = await openResult(from, variationKey(mainKey, number), signal);
    if (there === undefined) continue;
    try {
      const { [RESULT_METADATA.fingerprint]: its, [RESULT_METADATA.of]: itsMain } = there.info.metadata;
      const key = variationKey(row.destination, number);
      const part = { name: `variation-${number}`, of: row.destination };
      const found = whatLies(await destination.head(key), { ...copy.wanted, part });
      if (its !== print || itsMain !== mainKey || isTaken(found, overwrite)) continue;
      await putCopy(copy, key, there, { [RESULT_METADATA.of]: row.destination });
    } finally {
      there.body.destroy();
    }
  }
}

async function openResult(store: ObjectStore, key: string, signal: AbortSignal): Promise<GetResult | undefined> {
  try {
    return await store.get(key, { signal });
  } catch (error) {
    if (isDarkroomError(error, "storage_not_found")) return undefined;
    throw error;
  }
}

async function putCopy(
  { destination, wanted, confirm, signal }: DeliveredCopy,
  key: string,
  { info, body }: GetResult,
  marks: Readonly<Record<string, string>>,
): Promise<void> {
  await confirm();
  const { contentType, sizeBytes, metadata } = info;
  await destination.put(key, body, {
    sizeBytes,
    ...(contentType === undefined ? {} : { contentType }),
    metadata: { ...metadata, [RESULT_METADATA.place]: wanted.place, ...marks },
    signal,
  });
}
