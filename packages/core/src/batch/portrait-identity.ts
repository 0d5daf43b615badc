import { canonicalJson, fingerprint, type SourceIdentity } from "../delivery/fingerprint.ts";
import type { PortraitRow } from "./portrait.ts";
import type { Recipe } from "../recipe/recipe.ts";
import { shownSource } from "../report/shown-source.ts";
import { sha256 } from "../sha256.ts";

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
  return sha256(text).slice(0, 32);
}

/** A photo as it was looked at. */
export interface OrderedPhoto extends SourceIdentity {
  /**
   * See the object store's head. Told where the provider fetches the photo by itself: another photo may lie there then, and
   * be gone again before anybody looks.
   */
  readonly version?: string | undefined;
}

/** What was ordered for a portrait when a provider was first called. */
export interface Order {
  /** See {@link portraitIdentity}. */
  readonly identity: string;
  /** The photo as it was then. */
  readonly photo: OrderedPhoto;
}

/** Whether an order was made for this row's portrait, with this recipe; of which content its photo was then is left open. */
export function isOrderOf({ identity, photo }: Order, row: PlacedRow, recipe: Recipe): boolean {
  return identity === portraitIdentity(row, fingerprint(photo, recipe, row.profileIds));
}

/** Whether two looks at a place saw the same photo, and no writing lies between them, as far as both looks tell. */
export function isSamePhoto(one: OrderedPhoto, other: OrderedPhoto): boolean {
  if (one.version !== undefined && other.version !== undefined && one.version !== other.version) return false;
  const plain = ({ etag }: SourceIdentity): string => etag.replaceAll('"', "");
  return one.sizeBytes === other.sizeBytes && plain(one) === plain(other);
}
