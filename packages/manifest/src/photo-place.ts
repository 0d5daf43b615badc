import { DarkroomError, type BatchSource, type ObjectStore, type OpenStore, type PortraitRow } from "@darkroom/core";
import { splitManifestUrl } from "./manifest-url.ts";

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
  if (/^https:\/\//i.test(source)) return new URL(source);
  if (/^(s3|file):\/\//i.test(source)) {
    const { storeUrl, key } = splitManifestUrl(source);
    return { store: openStore(storeUrl), key };
  }
  const base = batchSource.kind === "prefix" ? batchSource.url : batchSource.baseUrl;
  if (base === undefined)
    throw new DarkroomError("internal", "a row of a manifest without a base has a relative source");
  return { store: openStore(base), key: source };
}
