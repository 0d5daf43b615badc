import { createHash } from "node:crypto";
import { shownSource, type ObjectStore } from "@darkroom/core";
import { joinUrl } from "./urls.ts";

interface Place {
  readonly store: ObjectStore;
  readonly key: string;
}

/** True for two names of one object. In a local folder names that differ in case alone are taken for one. */
export function isSameObject(one: Place, other: Place): boolean {
  if (one.store.kind !== other.store.kind) return false;
  const [a, b] = [one, other].map(({ store, key }) => joinUrl(store.url, key)) as [string, string];
  return one.store.kind === "local" ? a.toLowerCase() === b.toLowerCase() : a === b;
}

/**
 * Tells a photo's place from all others, for the marks of its result: in 32 hex digits, the same from any batch. The query
 * of a link is left out: a new signature makes no new place.
 */
export function placeMark(place: Place | URL): string {
  const url = place instanceof URL ? shownSource(place.href) : joinUrl(place.store.url, place.key);
  // Two ways to write an accent in a file's name are one name.
  const name = url.startsWith("file:") ? decodeURI(url).normalize("NFC") : url;
  return createHash("sha256").update(name).digest("hex").slice(0, 32);
}
