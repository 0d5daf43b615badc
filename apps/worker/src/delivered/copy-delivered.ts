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
  /** Pictures that the recipe orders, the main one included. */
  readonly wished: number;
  readonly signal: AbortSignal;
  /** Ends the run where its claim is lost; see `confirmClaim`. */
  readonly confirm: () => Promise<unknown>;
}

/**
 * Copies what a schedule has delivered of this photo to another key: a photo that was moved, or that lies at two keys,
 * is not paid for again. The copy keeps the marks of the portrait that was paid for, so that no other takes its cost for
 * its own; its place is that of the photo that it is copied for. The main picture comes last: once it is there, all is.
 *
 * @returns false where the noted result is no longer there, is another one now, or is a picture of another format
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
    await forgetReplaced(context, spec, row, destination, fingerprint);
    await putCopy(copy, row.destination, main, {});
  } finally {
    main.body.destroy();
  }
  await noteDelivery(context, spec, row, main.info);
  return true;
}

/** Notes lie in a bucket that others may write to: only what is the schedule's own is copied. */
function isOfSchedule(url: string, { destination, schedule }: BatchSpec): boolean {
  return url === destination.url || (schedule !== undefined && url.startsWith(schedule.resultsUrl));
}

async function copyVariations(
  copy: DeliveredCopy,
  from: ObjectStore,
  mainKey: string,
  print: string | undefined,
): Promise<void> {
  const { row, destination, wished, signal } = copy;
  for (let number = 2; number <= wished; number += 1) {
    const there = await openResult(from, variationKey(mainKey, number), signal);
    if (there === undefined) continue;
    try {
      const { [RESULT_METADATA.fingerprint]: its, [RESULT_METADATA.of]: itsMain } = there.info.metadata;
      const key = variationKey(row.destination, number);
      const part = { name: `variation-${number}`, of: row.destination };
      const found = whatLies(await destination.head(key), { ...copy.wanted, part });
      if (its !== print || itsMain !== mainKey || isTaken(found, false)) continue;
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
