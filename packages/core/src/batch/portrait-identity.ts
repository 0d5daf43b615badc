import { canonicalJson, fingerprint, type SourceIdentity } from "../delivery/fingerprint.ts";
import type { PortraitRow } from "./portrait.ts";
import type { Recipe } from "../recipe/recipe.ts";
import { shownSource } from "../report/shown-source.ts";
import { sha256 } from "../sha256.ts";

/** The part of a row that identifies its portrait: the locations of its photo and its result. */
export type PlacedRow = Pick<PortraitRow, "source" | "destination" | "profileIds">;

/**
 * Identifies a portrait by 32 hex digits of its photo's location and content, the order and the result's key, but not
 * by its index. Queries of a provider's memory use this identity, so that no other portrait ever gets the answer (P11).
 * Ignores the query of a link: a new signature does not make a new portrait.
 *
 * @param print the fingerprint of the photo with the recipe
 */
export function portraitIdentity({ source, destination }: PlacedRow, print: string): string {
  const text = canonicalJson({ place: shownSource(source), destination, fingerprint: print });
  return sha256(text).slice(0, 32);
}

/** A photo with the data of its inspection. */
export interface OrderedPhoto extends SourceIdentity {
  /**
   * The version in the object's head. Present if the provider fetches the photo itself, because the photo might be
   * replaced for that fetch and restored unnoticed.
   */
  readonly version?: string | undefined;
}

/** The order for a portrait at the first provider call. */
export interface Order {
  /** See {@link portraitIdentity}. */
  readonly identity: string;
  /** The photo at that time. */
  readonly photo: OrderedPhoto;
}

/** True if an order was for this row's portrait with this recipe. Ignores the photo's content at that time. */
export function isOrderOf({ identity, photo }: Order, row: PlacedRow, recipe: Recipe): boolean {
  return identity === portraitIdentity(row, fingerprint(photo, recipe, row.profileIds));
}

/** True if two inspections saw the same photo without a write in between, according to their data. */
export function isSamePhoto(one: OrderedPhoto, other: OrderedPhoto): boolean {
  if (one.version !== undefined && other.version !== undefined && one.version !== other.version) return false;
  const plain = ({ etag }: SourceIdentity): string => etag.replaceAll('"', "");
  return one.sizeBytes === other.sizeBytes && plain(one) === plain(other);
}
