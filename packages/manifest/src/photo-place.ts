import {
  DarkroomError,
  isDarkroomError,
  type BatchSource,
  type ObjectStore,
  type OpenStore,
  type PortraitRow,
  hasControlCharacter,
} from "@darkroom/core";
import { splitManifestUrl } from "./manifest-url.ts";

const LINK = /^https:\/\//i;
const STORE_URL = /^(?:s3|file):\/\//i;

/** True for a row's source that {@link photoPlace} parses as a URL. A key that looks like a URL cannot be a source. */
export function readsAsUrl(source: string): boolean {
  return LINK.test(source) || STORE_URL.test(source);
}

/** An object in a store, or a link on the web. */
export type PhotoPlace = { readonly store: ObjectStore; readonly key: string } | URL;

/**
 * Parses the location of a row's photo.
 *
 * @throws DarkroomError `storage_denied` for a folder that is not allowed
 */
export function photoPlace(
  openStore: OpenStore,
  batchSource: BatchSource,
  { source }: Pick<PortraitRow, "source">,
): PhotoPlace {
  if (LINK.test(source)) return new URL(source);
  if (STORE_URL.test(source)) {
    const { storeUrl, key } = splitManifestUrl(source);
    return { store: openStore(storeUrl), key };
  }
  const base = batchSource.kind === "prefix" ? batchSource.url : batchSource.baseUrl;
  if (base === undefined)
    throw new DarkroomError("internal", "a row of a manifest without a base has a relative source");
  return { store: openStore(base), key: source };
}

/**
 * Finds a row's photo although its path encodes accents differently (`é` as one character or two, even mixed within a
 * path) or is percent-encoded (`%20`). If the key does not exist as written, and exactly one other form exists, returns
 * that form. Does not query listed keys, or keys with a single form.
 *
 * @throws DarkroomError like {@link photoPlace}, and if the store is temporarily unavailable
 */
export async function findPhoto(
  openStore: OpenStore,
  batchSource: BatchSource,
  row: Pick<PortraitRow, "source" | "etag">,
): Promise<PhotoPlace> {
  const place = photoPlace(openStore, batchSource, row);
  if (place instanceof URL || row.etag !== undefined || batchSource.kind === "prefix") return place;
  const { store, key } = place;
  const whole = wholeForms(key);
  if (whole.length === 1) return place;
  try {
    if ((await store.head(key)) !== undefined) return place;
    let there = await thoseThere(store, whole.slice(1));
    if (there.length === 0) there = await thoseThere(store, mixedForms(key, whole));
    const [only, ...more] = there;
    return only === undefined || more.length > 0 ? place : { store, key: only };
  } catch (error) {
    // The read of the photo will throw and report the same error.
    if (!isDarkroomError(error) || error.retryable) throw error;
    return place;
  }
}

async function thoseThere(store: ObjectStore, keys: readonly string[]): Promise<readonly string[]> {
  const there: string[] = [];
  for (const key of keys) if ((await store.head(key)) !== undefined) there.push(key);
  return there;
}

/** Returns the key as written, then the forms that encode all accents in the same way. */
function wholeForms(key: string): readonly string[] {
  return unique([key, ...decodedKey(key)].flatMap(accentForms));
}

/** Limit of mixed forms per path, because each costs a request for a missing photo. */
const MOST_MIXED_FORMS = 32;

/** Returns forms of a key whose names encode accents differently from each other. */
function mixedForms(key: string, whole: readonly string[]): readonly string[] {
  const forms = [key, ...decodedKey(key)].flatMap((form) => {
    const [first = [], ...names] = form.split("/").map((name) => unique(accentForms(name)));
    let paths: readonly string[] = [...first];
    for (const each of names) {
      paths = paths.flatMap((path) => each.map((name) => `${path}/${name}`)).slice(0, MOST_MIXED_FORMS);
    }
    return paths;
  });
  return unique(forms)
    .filter((form) => !whole.includes(form))
    .slice(0, MOST_MIXED_FORMS);
}

function accentForms(name: string): readonly string[] {
  return [name, name.normalize("NFC"), name.normalize("NFD")];
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

/** Matches a key that would leave its folder. */
const LEAVES = /^\/|(?:^|\/)\.\.(?:\/|$)/;

/** Returns the key without percent-encoding, if the key is encoded and the result stays within its folder. */
function decodedKey(key: string): readonly string[] {
  if (!/%[0-9a-f]{2}/i.test(key)) return [];
  try {
    const decoded = decodeURIComponent(key);
    return LEAVES.test(decoded) || hasControlCharacter(decoded) || readsAsUrl(decoded) ? [] : [decoded];
  } catch {
    return [];
  }
}
