import { deliveryKey, messageOf, undeliveredPart, type Delivery } from "@darkroom/core";
import { cutDelivery, type Cut } from "@darkroom/imaging";
import { storeExtra, type ResultTarget, type StoredExtras } from "./store-extra.ts";

/** Creates the ordered deliveries from a finished main picture. A failed cut becomes a warning, not a failure. */
export async function storeDeliveries(
  target: ResultTarget,
  deliveries: readonly Delivery[],
  resultBytes: Uint8Array,
): Promise<StoredExtras> {
  const keys: string[] = [];
  const warnings: string[] = [];
  const undelivered: string[] = [];
  for (const delivery of deliveries) {
    const cut = await cutOrWhyNot(resultBytes, delivery);
    if (typeof cut === "string") {
      warnings.push(cut);
      undelivered.push(undeliveredPart(delivery.name));
      continue;
    }
    const key = deliveryKey(delivery, target.row);
    const taken = await storeExtra(target, key, delivery.name, cut);
    if (taken === undefined) keys.push(key);
    // A later order creates the missing cut from the main picture.
    else undelivered.push(undeliveredPart(delivery.name));
    warnings.push(...(taken === undefined ? cut.warnings : [taken]));
  }
  return { keys, warnings, undelivered };
}

async function cutOrWhyNot(resultBytes: Uint8Array, delivery: Delivery): Promise<Cut | string> {
  try {
    return await cutDelivery(resultBytes, delivery);
  } catch (error) {
    return `${delivery.name} could not be cut: ${messageOf(error)}`;
  }
}
