import { DarkroomError, type BatchSource, type ObjectStore, type OpenStore, type PortraitRow } from "@darkroom/core";
import { splitManifestUrl } from "./manifest-url.ts";

const LINK = /^https:\/\//i;
const STORE_URL = /^(?:s3|file):\/\//i;

/** True for a row's source that {@link photoPlace} takes for a URL. A key that reads so cannot be a source. */
export function readsAsUrl(source: string): boolean {
  return LINK.test(source) || STORE_URL.test(source);
}

/**
 * Where a row's photo is: an object of a store, or a link on the web.
 *
 * @throws DarkroomError `storage_denied` for a folder that may not be used
 */
export function photoPlace(
  openStore: OpenStore,
  batchSource: BatchSource,
  { source }: Pick<PortraitRow, "source">,
): { readonly store: ObjectStore; readonly key: string } | URL {
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
