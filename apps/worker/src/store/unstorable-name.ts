import { extraKeys, isDarkroomError, messageOf, type ObjectStore, type Output, type PortraitRow } from "@darkroom/core";

/**
 * Explains why a name of the main picture, a variation or a cut is invalid in the destination. Checked before anything
 * is paid.
 *
 * @param output the stored pictures other than the main one
 * @returns undefined when the destination accepts all names
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
    return `${messageOf(error)}; use a shorter destination for this row, or a template for the batch`;
  }
}
