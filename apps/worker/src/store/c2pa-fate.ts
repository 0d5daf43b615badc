import { readC2paFate, RESULT_METADATA, type C2paFate } from "@darkroom/core";
import type { PreparedRun } from "../run/portrait-run.ts";

/** Returns what became of the manifest of the main picture. A stored picture was finished, and noted it, before. */
export async function c2paFate(
  { prepared: { isStored, destination, row } }: PreparedRun,
  finished: { readonly c2pa: C2paFate },
): Promise<C2paFate> {
  if (!isStored) return finished.c2pa;
  const head = await destination.head(row.destination);
  return readC2paFate(head?.metadata[RESULT_METADATA.c2pa]) ?? finished.c2pa;
}
