import type { Output } from "@darkroom/core";
import type { Prepared } from "./prepare.ts";

/** Of source and result together, while the two are compared and cuts are made. */
const BYTES_PER_PIXEL = 6;
/** Where the source has gone, nothing is known of the result before it is there. */
const UNKNOWN_BYTES = 64 * 1_024 * 1_024;
/** What a JPEG's bytes unfold to, as a rule. */
const UNFOLDED = 16;

/** What storing a portrait's results holds at its height, for the worker's budget: an estimate. */
export function storingBytes({ source }: Pick<Prepared, "source">): number {
  if (source === undefined) return UNKNOWN_BYTES;
  const { width, height } = source.probe;
  return 2 * source.sizeBytes + width * height * BYTES_PER_PIXEL;
}

/** The same for a result that was delivered already, whose missing cuts are made from it. */
export function deliveredBytes({ deliveries = [] }: Output, sizeBytes: number): number {
  return deliveries.length === 0 ? 0 : UNFOLDED * sizeBytes;
}
