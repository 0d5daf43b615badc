import { lstatSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { sha256, type ObjectStore } from "@darkroom/core";
import { realPathSoFar } from "./local-folder.ts";
import { parseStoreUrl, pathOrUrl } from "./urls.ts";

interface Place {
  readonly store: ObjectStore;
  readonly key: string;
}

/** The portraits of a batch lie in the same few folders; where these really are is looked up this often. */
const KNOWN_MS = 1_000;
const MOST_FOLDERS = 1_024;
const linkless = new Map<string, { readonly real: string; readonly untilMs: number }>();

/**
 * True where a write to `result` would replace the photo. Symbolic links count as what they lead to, but a result replaces
 * a link of its own name and not the file behind it.
 */
export function replacesPhoto(result: Place, photo: Place): boolean {
  if (result.store.kind !== photo.store.kind) return false;
  if (photo.store.kind === "s3") return objectName(result) === objectName(photo);
  const path = linklessFolder(pathOf(photo));
  return objectName(result) === plainName(isLink(path) ? realPathOr(path) : path);
}

/** One name of an object for all ways to write it. In a local folder names that differ in case alone are taken for one. */
export function objectName(place: Place): string {
  return place.store.kind === "s3" ? pathOf(place) : plainName(linklessFolder(pathOf(place)));
}

/** True for two URLs of one store, also where a symbolic link leads from one local folder to the other. */
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

/** A path whose folder is named without symbolic links; the file itself may be one. */
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

/** The path without symbolic links; as it is where they cannot be read, for instance in a folder without rights. */
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

/** Query parameters that sign a link, or say how long it is good. They change from day to day, and the photo does not. */
const SIGNING =
  /^(?:x-(?:amz|goog|oss)-.*|awsaccesskeyid|googleaccessid|ossaccesskeyid|(?:access_?|security)?token|sig|signature|policy|key-pair-id|expires|expiry|hmac|hdn(?:ea|ts)|s[eprtv]|spr|sk(?:oid|tid|t|e|s|v))$/i;

/** Tells a photo's place from all others, for the marks of its result: in 32 hex digits, the same from any batch. */
export function placeMark(place: Place | URL): string {
  return sha256(nameOf(place)).slice(0, 32);
}

function nameOf(place: Place | URL): string {
  if (!(place instanceof URL)) {
    // Two ways to write an accent in a file's name are one name.
    return place.store.kind === "local" ? pathOf(place).normalize("NFC") : pathOf(place);
  }
  const query = new URLSearchParams([...place.searchParams].filter(([name]) => !SIGNING.test(name)));
  query.sort();
  return `${place.origin}${place.pathname}?${query.toString()}`;
}
