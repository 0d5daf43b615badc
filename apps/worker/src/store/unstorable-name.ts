import { extraKeys, isDarkroomError, messageOf, type ObjectStore, type Output, type PortraitRow } from "@darkroom/core";

/**
 * Why a portrait's results could never be stored under their names: the main picture's, a variation's or a cut's. Known
 * before anything is paid.
 *
 * @param output what is stored besides the main picture
 * @returns undefined when the destination can hold them all
 */
export function unstorableName(
  destination: Pick<ObjectStore, "checkKey">,
  row: Pick<PortraitRow, "destination" | "id" | "index">,
  output: Pick<Output, "variations" | "deliveries">,
): string | undefined {
  try {
    for (const key of [row.destination, ...extraKeys(output, row)]) destination.checkKey(key);
    return undefined;
  } catch (error) {
    if (!isDarkroomError(error, "storage_invalid") && !isDarkroomError(error, "invalid_input")) throw error;
    return `${messageOf(error)}; give this row a shorter destination, or the batch a template`;
  }
}
