import { lstatSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { sha256, type ObjectStore } from "@darkroom/core";
import { realPathSoFar } from "./local-folder.ts";
import { parseStoreUrl, pathOrUrl } from "./urls.ts";

interface Place {
  readonly store: ObjectStore;
  readonly key: string;
}

/** How long real paths of folders are cached, because a batch's portraits share a few folders. */
const KNOWN_MS = 1_000;
const MOST_FOLDERS = 1_024;
const linkless = new Map<string, { readonly real: string; readonly untilMs: number }>();

/**
 * True when a write to `result` would replace the photo. Symbolic links are resolved, except that a result at the
 * link's own name replaces the link, not its target.
 */
export function replacesPhoto(result: Place, photo: Place): boolean {
  if (result.store.kind !== photo.store.kind) return false;
  if (photo.store.kind === "s3") return objectName(result) === objectName(photo);
  const path = linklessFolder(pathOf(photo));
  return objectName(result) === plainName(isLink(path) ? realPathOr(path) : path);
}

/** Returns a canonical name of an object. In a local folder, names that differ only in case are treated as one. */
export function objectName(place: Place): string {
  return place.store.kind === "s3" ? pathOf(place) : plainName(linklessFolder(pathOf(place)));
}

/** True when two URLs denote the same store, even through a symbolic link between local folders. */
export function isSameStore(one: string, other: string): boolean {
  const nameOf = (url: string): string => {
    const store = parseStoreUrl(url);
    return store.kind === "s3" ? store.url : realPathOr(store.folder).normalize("NFC");
  };
  return nameOf(one) === nameOf(other);
}

function pathOf({ store, key }: Place): string {
  return pathOrUrl(store.url, key);
}

/** Returns the path after the symbolic links of its folder were resolved. The file itself may be a link. */
function linklessFolder(path: string): string {
  const folder = dirname(path);
  const known = linkless.get(folder);
  if (known !== undefined && known.untilMs > performance.now()) return join(known.real, basename(path));
  if (linkless.size >= MOST_FOLDERS) linkless.clear();
  const real = realPathOr(folder);
  linkless.set(folder, { real, untilMs: performance.now() + KNOWN_MS });
  return join(real, basename(path));
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}

/** Resolves symbolic links. Returns the path unchanged when they cannot be read. */
function realPathOr(path: string): string {
  try {
    return realPathSoFar(path);
  } catch {
    return path;
  }
}

function plainName(path: string): string {
  return path.normalize("NFC").toLowerCase();
}

/**
 * Matches query parameters that sign a link or limit its lifetime. Such parameters change daily while the photo stays
 * the same.
 */
const SIGNING =
  /^(?:x-(?:amz|goog|oss)-.*|awsaccesskeyid|googleaccessid|ossaccesskeyid|(?:access_?|security)?token|sig|signature|policy|key-pair-id|expires|expiry|hmac|hdn(?:ea|ts)|s[eprtv]|spr|sk(?:oid|tid|t|e|s|v))$/i;

/** Identifies a photo's location in its result's marks: 32 hex digits, the same from any batch. */
export function placeMark(place: Place | URL): string {
  return sha256(nameOf(place)).slice(0, 32);
}

function nameOf(place: Place | URL): string {
  if (!(place instanceof URL)) {
    // Two encodings of an accent count as one name.
    return place.store.kind === "local" ? pathOf(place).normalize("NFC") : pathOf(place);
  }
  const query = new URLSearchParams([...place.searchParams].filter(([name]) => !SIGNING.test(name)));
  query.sort();
  return `${place.origin}${place.pathname}?${query.toString()}`;
}
