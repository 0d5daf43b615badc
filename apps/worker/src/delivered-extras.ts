import {
  deliveryKey,
  RESULT_METADATA,
  variationKey,
  type Delivery,
  type ObjectHead,
  type Outcome,
  type Recipe,
} from "@darkroom/core";
import { readAll } from "./read-all.ts";
import { storeDeliveries } from "./store-deliveries.ts";
import type { ResultTarget } from "./store-extra.ts";

/** No result is larger; see the limit of their downloads. */
const MOST_RESULT_BYTES = 100 * 1_024 * 1_024;

/**
 * Looks for the pictures beside a main one that is there already, and cuts the wished deliveries that are not: from
 * what is stored, so that nothing is paid.
 *
 * @returns what belongs into the outcome
 */
export async function deliveredExtras(
  target: ResultTarget,
  output: Recipe["output"],
  fingerprint: string,
): Promise<Pick<Outcome, "variations" | "deliveries" | "warnings">> {
  const { destination, row } = target;
  const isOurs = (head: ObjectHead | undefined, part: string): boolean =>
    head?.metadata[RESULT_METADATA.fingerprint] === fingerprint && head.metadata[RESULT_METADATA.part] === part;
  const variations: string[] = [];
  for (let number = 2; number <= (output.variations ?? 1); number += 1) {
    const key = variationKey(row.destination, number);
    if (isOurs(await destination.head(key), `variation-${number}`)) variations.push(key);
  }
  const there: string[] = [];
  const missing: Delivery[] = [];
  for (const delivery of output.deliveries ?? []) {
    const key = deliveryKey(delivery, row);
    if (isOurs(await destination.head(key), delivery.name)) there.push(key);
    else missing.push(delivery);
  }
  const made = missing.length === 0 ? { keys: [], warnings: [] } : await cutFromStored(target, missing);
  const deliveries = [...there, ...made.keys];
  return {
    ...(variations.length === 0 ? {} : { variations }),
    ...(deliveries.length === 0 ? {} : { deliveries }),
    ...(made.warnings.length === 0 ? {} : { warnings: made.warnings }),
  };
}

async function cutFromStored(target: ResultTarget, missing: readonly Delivery[]) {
  const { body } = await target.destination.get(target.row.destination, { signal: target.signal });
  return await storeDeliveries(target, missing, await readAll(body, MOST_RESULT_BYTES));
}
