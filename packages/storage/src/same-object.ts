import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { ObjectStore } from "@darkroom/core";
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

/** Query parameters that sign a link, or say how long it is good. They change from day to day, and the photo does not. */
const SIGNING =
  /^(?:x-(?:amz|goog|oss)-.*|awsaccesskeyid|googleaccessid|ossaccesskeyid|(?:access_?|security)?token|sig|signature|policy|key-pair-id|expires|expiry|hmac|hdn(?:ea|ts)|s[eprtv]|spr|sk(?:oid|tid|t|e|s|v))$/i;

/** Tells a photo's place from all others, for the marks of its result: in 32 hex digits, the same from any batch. */
export function placeMark(place: Place | URL): string {
  return createHash("sha256").update(nameOf(place)).digest("hex").slice(0, 32);
}

function nameOf(place: Place | URL): string {
  if (!(place instanceof URL)) {
    const url = joinUrl(place.store.url, place.key);
    // Two ways to write an accent in a file's name are one name.
    return place.store.kind === "local" ? fileURLToPath(url).normalize("NFC") : url;
  }
  const query = new URLSearchParams([...place.searchParams].filter(([name]) => !SIGNING.test(name)));
  query.sort();
  return `${place.origin}${place.pathname}?${query.toString()}`;
}
