import { joinManifestSources, type ManifestSources } from "@darkroom/core";
import { wholeStoreUrl } from "./whole-store-url.ts";

/**
 * What a manifest's rows may name outside of its base, as the batch keeps it; no field where that is nothing.
 *
 * @throws DarkroomError `invalid_input` with the field at fault
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
