import {
  deliveryKey,
  isDarkroomError,
  parseGivenPicture,
  RESULT_METADATA,
  undeliveredPart,
  variationKey,
  whatLies,
  type Delivery,
  type ObjectHead,
  type Outcome,
  type Recipe,
} from "@darkroom/core";
import { finishingBytes } from "@darkroom/imaging";
import { readAll } from "@darkroom/web-fetch";
import type { WorkerContext } from "../run/worker-context.ts";
import { storeDeliveries } from "../store/store-deliveries.ts";
import type { ResultTarget, StoredExtras } from "../store/store-extra.ts";

/** The outcome fields that describe pictures other than the main one. */
export interface DeliveredExtras extends Pick<Outcome, "variations" | "deliveries" | "warnings" | "undelivered"> {
  /** Digests of the variations; see core's `GivenPicture`. */
  readonly further: readonly string[];
  /** Keys of the cuts that were missing and are created now. */
  readonly added: readonly string[];
}

/**
 * Finds the variations and cuts of a stored main picture, and creates missing cuts from the main picture at no cost.
 *
 * @param main the stored main picture
 */
export async function deliveredExtras(
  context: Pick<WorkerContext, "pictureMemory">,
  target: ResultTarget,
  output: Recipe["output"],
  main: Pick<ObjectHead, "sizeBytes">,
): Promise<DeliveredExtras> {
  const { destination, row, wanted } = target;
  const isOurs = (head: ObjectHead | undefined, name: string): boolean =>
    whatLies(head, { ...wanted, part: { name, of: row.destination } }) === "delivered";
  // No object can exist under an invalid name. A later attempt to store one produces the warning.
  const headOf = async (key: string): Promise<ObjectHead | undefined> => {
    try {
      return await destination.head(key);
    } catch (error) {
      if (isDarkroomError(error, "storage_invalid")) return undefined;
      throw error;
    }
  };
  const variations: string[] = [];
  const undelivered: string[] = [];
  const further: string[] = [];
  for (let number = 2; number <= (output.variations ?? 1); number += 1) {
    const key = variationKey(row.destination, number);
    const head = await headOf(key);
    if (!isOurs(head, `variation-${number}`)) {
      undelivered.push(undeliveredPart(`variation-${number}`));
      continue;
    }
    variations.push(key);
    const given = parseGivenPicture(head?.metadata[RESULT_METADATA.given]);
    if (given !== undefined) further.push(given.digest);
  }
  const there: string[] = [];
  const missing: Delivery[] = [];
  for (const delivery of output.deliveries ?? []) {
    const key = deliveryKey(delivery, row);
    if (isOurs(await headOf(key), delivery.name)) there.push(key);
    else missing.push(delivery);
  }
  const made =
    missing.length === 0
      ? { keys: [], warnings: [], undelivered: [] }
      : await cutFromStored(context, target, missing, main);
  const deliveries = [...there, ...made.keys];
  undelivered.push(...made.undelivered);
  return {
    ...(variations.length === 0 ? {} : { variations }),
    ...(deliveries.length === 0 ? {} : { deliveries }),
    further,
    added: made.keys,
    ...(undelivered.length === 0 ? {} : { undelivered }),
    ...(made.warnings.length === 0 ? {} : { warnings: made.warnings }),
  };
}

async function cutFromStored(
  { pictureMemory }: Pick<WorkerContext, "pictureMemory">,
  target: ResultTarget,
  missing: readonly Delivery[],
  { sizeBytes }: Pick<ObjectHead, "sizeBytes">,
): Promise<StoredExtras> {
  const { destination, row, signal } = target;
  const cut = async (): Promise<StoredExtras> => {
    const { body } = await destination.get(row.destination, { signal });
    return await storeDeliveries(target, missing, await readAll(body, sizeBytes, sizeBytes));
  };
  return await pictureMemory.use(finishingBytes(sizeBytes), cut, signal);
}
