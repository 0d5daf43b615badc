import { InvalidArgumentError } from "commander";
import { deliverySchema, DELIVERY_FORMATS, DELIVERY_NAMES, type Delivery } from "@darkroom/core";

/**
 * Parses `linkedin,website:webp`: names of deliveries, each with its format unless that is JPEG. Repeated options
 * accumulate.
 *
 * @throws InvalidArgumentError
 */
export function readDeliveries(text: string, before: readonly Delivery[] = []): readonly Delivery[] {
  const wished = text.split(",").map((part) => {
    const [name = "", format, ...more] = part.trim().split(":");
    const parsed = deliverySchema.safeParse({ name, ...(format === undefined ? {} : { format }) });
    if (parsed.success && more.length === 0) return parsed.data;
    throw new InvalidArgumentError(
      `${JSON.stringify(part.trim())} is not a delivery. Use ${DELIVERY_NAMES.join(", ")}; add :${DELIVERY_FORMATS.join(" or :")} for a format other than JPEG.`,
    );
  });
  return [...before, ...wished];
}
