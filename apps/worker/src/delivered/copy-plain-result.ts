import { isDarkroomError, whatLies } from "@darkroom/core";
import { keyWithoutTemplate } from "@darkroom/manifest";
import type { WorkerContext } from "../run/worker-context.ts";
import { copyDelivered, type DeliveredCopy } from "./copy-delivered.ts";

/**
 * Copies the result of the same photo and recipe that an earlier batch stored under its name without a template, so that
 * a template added later pays for no delivered photo again. Schedules keep notes for that.
 *
 * @returns false if there is no such result
 */
export async function copyPlainResult(
  context: Pick<WorkerContext, "openNotes" | "openStore">,
  copy: DeliveredCopy,
): Promise<boolean> {
  const { spec, row, destination, wanted } = copy;
  const { url, template } = spec.destination;
  if (spec.schedule !== undefined) return false;
  const { source, recipe } = spec;
  const key = keyWithoutTemplate({ source, template, format: recipe.output.format }, row);
  if (key === undefined) return false;
  const head = await destination.head(key).catch((error: unknown) => {
    // The store can hold no object with this name.
    if (isDarkroomError(error, "storage_invalid")) return undefined;
    throw error;
  });
  if (whatLies(head, wanted) !== "delivered") return false;
  return await copyDelivered(context, copy, { batch: spec.id, destination: key, url });
}
