import { isDarkroomError, type LinkOptions, type ObjectStore } from "@darkroom/core";
import type { Timing } from "../run/worker-context.ts";

/** A link to a picture outlives one provider call by this much, and no more (P8). */
const LINK_MARGIN_MS = 120_000;

/** How long the provider may need a picture for. */
export function linkSeconds({ deadlineMs }: Pick<Timing, "deadlineMs">): number {
  return Math.ceil((deadlineMs + LINK_MARGIN_MS) / 1_000);
}

/** A link to an object; undefined where its store has none: a local folder without an address for it. */
export async function linkTo(store: ObjectStore, key: string, options: LinkOptions): Promise<string | undefined> {
  try {
    return await store.link(key, options);
  } catch (error) {
    if (isDarkroomError(error, "invalid_settings")) return undefined;
    throw error;
  }
}
