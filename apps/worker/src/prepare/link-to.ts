import { isDarkroomError, type LinkOptions, type ObjectStore } from "@darkroom/core";
import type { Timing } from "../run/timing.ts";

/** A link expires this long after its provider call could end (P8). */
const LINK_MARGIN_MS = 120_000;

/** How long the provider may need a picture's link. */
export function linkSeconds({ deadlineMs }: Pick<Timing, "deadlineMs">): number {
  return Math.ceil((deadlineMs + LINK_MARGIN_MS) / 1_000);
}

/**
 * Creates a link to an object. Returns undefined when its store has no links, such as a local folder without a public
 * URL.
 */
export async function linkTo(store: ObjectStore, key: string, options: LinkOptions): Promise<string | undefined> {
  try {
    return await store.link(key, options);
  } catch (error) {
    if (isDarkroomError(error, "invalid_settings")) return undefined;
    throw error;
  }
}
