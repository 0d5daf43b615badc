import { joinManifestSources, type ManifestSources } from "@darkroom/core";
import { wholeStoreUrl } from "./whole-store-url.ts";

/**
 * What manifest rows may reference outside their base folder, as the batch stores it; no field for nothing.
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
