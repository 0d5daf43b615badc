import {
  DarkroomError,
  isDarkroomError,
  type BatchSource,
  type ObjectStore,
  type OpenStore,
  type PortraitRow,
} from "@darkroom/core";
import { splitManifestUrl } from "./manifest-url.ts";

const LINK = /^https:\/\//i;
const STORE_URL = /^(?:s3|file):\/\//i;

/** True for a row's source that {@link photoPlace} takes for a URL. A key that reads so cannot be a source. */
export function readsAsUrl(source: string): boolean {
  return LINK.test(source) || STORE_URL.test(source);
}

/** An object of a store, or a link on the web. */
export type PhotoPlace = { readonly store: ObjectStore; readonly key: string } | URL;

/**
 * Where a row says that its photo is.
 *
 * @throws DarkroomError `storage_denied` for a folder that may not be used
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
 * Where a row's photo is. Systems write accents in two ways, so that a list may say `é` as one character and the file's
 * name as two; and a list that was copied from links may be percent-encoded, `%20` for a space. Where the key is not there
 * as the row has it, and is there in one other form, that is the photo.
 *
 * A key that a listing gave is taken as it is, and so is one that has one form alone, as all of ASCII without
 * a `%` have: neither is asked for.
 *
 * @throws DarkroomError as {@link photoPlace} does, and where the store may answer later
 */
export async function findPhoto(
  openStore: OpenStore,
  batchSource: BatchSource,
  row: Pick<PortraitRow, "source" | "etag">,
): Promise<PhotoPlace> {
  const place = photoPlace(openStore, batchSource, row);
  if (place instanceof URL || row.etag !== undefined || batchSource.kind === "prefix") return place;
  const { store, key } = place;
  const others = otherForms(key);
  if (others.length === 0) return place;
  try {
    if ((await store.head(key)) !== undefined) return place;
    const there: string[] = [];
    for (const form of others) if ((await store.head(form)) !== undefined) there.push(form);
    const [only, ...more] = there;
    return only === undefined || more.length > 0 ? place : { store, key: only };
  } catch (error) {
    // Who reads the photo meets the same fault, and says what it means.
    if (!isDarkroomError(error) || error.retryable) throw error;
    return place;
  }
}

/** How else a key may be written. */
function otherForms(key: string): readonly string[] {
  const forms = [key, ...decodedKey(key)].flatMap((form) => [form, form.normalize("NFC"), form.normalize("NFD")]);
  return [...new Set(forms)].filter((form) => form !== key);
}

// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const UNSAFE = /[\u0000-\u001f\u007f]|^\/|(?:^|\/)\.\.(?:\/|$)/;

/** The key without its percent-encoding, where that leaves it under its folder; none where it has none. */
function decodedKey(key: string): readonly string[] {
  if (!/%[0-9a-f]{2}/i.test(key)) return [];
  try {
    const decoded = decodeURIComponent(key);
    return UNSAFE.test(decoded) || readsAsUrl(decoded) ? [] : [decoded];
  } catch {
    return [];
  }
}
