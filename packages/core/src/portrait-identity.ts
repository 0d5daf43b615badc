import { createHash } from "node:crypto";
import { canonicalJson, fingerprint, type SourceIdentity } from "./fingerprint.ts";
import type { PortraitRow } from "./portrait.ts";
import type { Recipe } from "./recipe.ts";
import { shownSource } from "./shown-source.ts";

/** What of a row says who its portrait is: where its photo is, and where its result goes. */
export type PlacedRow = Pick<PortraitRow, "source" | "destination" | "profileIds">;

/**
 * Who a portrait is, in 32 hex digits: its photo's place and content, what is ordered of it, and where the result goes.
 * Its index is no part of it. Everything that is asked of a provider's memory is asked by it (P11), so that no other
 * portrait ever gets the answer, whatever a list says after a loss. The query of a link is left out: a new signature
 * makes no new portrait.
 *
 * @param print the fingerprint of the photo with the recipe
 */
export function portraitIdentity({ source, destination }: PlacedRow, print: string): string {
  const text = canonicalJson({ place: shownSource(source), destination, fingerprint: print });
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

/** What was ordered for a portrait when a provider was first called. */
export interface Order {
  /** See {@link portraitIdentity}. */
  readonly identity: string;
  /** The photo as it was then. */
  readonly photo: SourceIdentity;
}

/** Whether an order was made for this row's portrait, with this recipe; of which content its photo was then is left open. */
export function isOrderOf({ identity, photo }: Order, row: PlacedRow, recipe: Recipe): boolean {
  return identity === portraitIdentity(row, fingerprint(photo, recipe, row.profileIds));
}

/** Whether two looks at a place saw the same photo. */
export function isSamePhoto(one: SourceIdentity, other: SourceIdentity): boolean {
  const plain = ({ etag }: SourceIdentity): string => etag.replaceAll('"', "");
  return one.sizeBytes === other.sizeBytes && plain(one) === plain(other);
}
