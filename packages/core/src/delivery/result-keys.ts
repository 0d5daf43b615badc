import { deliveryExtension, placeOfDelivery, type Delivery } from "../recipe/deliveries.ts";
import { extensionOf, renderTemplate, safeKey, sourceFields } from "./destination.ts";
import type { PortraitRow } from "../batch/portrait.ts";
import type { Output } from "../recipe/recipe.ts";

type NamedRow = Pick<PortraitRow, "destination" | "id" | "index">;
type ExtraOutput = Pick<Output, "variations" | "deliveries">;

/**
 * Returns the key of a variation: beside the main picture, as `name-2.jpg`.
 *
 * @param number from 2; the main picture is the first
 * @throws DarkroomError `invalid_input` if the key is too long
 */
export function variationKey(destination: string, number: number): string {
  const extension = extensionOf(destination);
  return extension === ""
    ? safeKey(`${destination}-${number}`)
    : safeKey(
        `${destination.slice(0, -(extension.length + 1))}-${number}${destination.slice(-(extension.length + 1))}`,
      );
}

/**
 * Returns the key of a cut of a portrait's main picture. Fills the delivery's template from the result's key, and
 * replaces the extension with the cut's extension.
 *
 * @throws DarkroomError `invalid_input` for an invalid key
 */
export function deliveryKey(delivery: Delivery, row: NamedRow): string {
  const { path, name } = sourceFields(row.destination);
  const filled = renderTemplate(placeOfDelivery(delivery), { path, name, id: row.id, index: String(row.index) });
  const extension = deliveryExtension(delivery);
  const given = extensionOf(filled);
  const fits = given === extension || (extension === "jpg" && given === "jpeg");
  return safeKey(fits ? filled : `${filled}.${extension}`);
}

/** Returns the fields of a row that {@link extraKeys} reads, without the `id` if no key contains it. */
export function namesOnly({ deliveries = [] }: ExtraOutput, { index, id, destination }: NamedRow): NamedRow {
  const isIdUsed = deliveries.some((delivery) => placeOfDelivery(delivery).includes("{id}"));
  return { index, id: isIdUsed ? id : "", destination };
}

/** Returns all keys stored for a portrait, except its main picture. */
export function extraKeys(output: ExtraOutput, row: NamedRow): readonly string[] {
  const { variations = 1, deliveries = [] } = output;
  return [
    ...Array.from({ length: variations - 1 }, (_, place) => variationKey(row.destination, place + 2)),
    ...deliveries.map((delivery) => deliveryKey(delivery, row)),
  ];
}
