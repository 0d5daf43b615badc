import { joinManifestSources, type ManifestSources } from "@darkroom/core";
import { wholeStoreUrl } from "./whole-store-url.ts";

/**
 * Returns the locations outside their base folder that manifest rows may reference, as stored in the batch. Omits the
 * field for none.
 *
 * @throws DarkroomError `invalid_input` with the invalid field
 */
export function allowedSources(
  deployment: ManifestSources | undefined,
  submission: ManifestSources | undefined,
): { readonly manifestSources?: ManifestSources } {
  const allowed = joinManifestSources(
    wholePrefixes(deployment, "DARKROOM_MANIFEST_SOURCES"),
    wholePrefixes(submission, "manifestSources"),
  );
  return allowed.length === 0 ? {} : { manifestSources: allowed };
}

function wholePrefixes(sources: ManifestSources = [], field: string): ManifestSources {
  return sources === "any" ? sources : sources.map((url) => wholeStoreUrl(url, field));
}
