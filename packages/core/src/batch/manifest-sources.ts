import { z } from "zod";

/** Maximum number of prefixes in a submission. */
const MAX_PREFIXES = 100;

/** Locations outside of the batch's base that manifest rows may name: objects under these prefixes, or `any`. */
export type ManifestSources = "any" | readonly string[];

export const manifestSourcesSchema: z.ZodType<ManifestSources, ManifestSources> = z.union([
  z.literal("any"),
  z.array(z.string().min(1)).max(MAX_PREFIXES),
]);

/** Combines the sources allowed by the deployment and by the submitter. */
export function joinManifestSources(
  deployment: ManifestSources = [],
  submission: ManifestSources = [],
): ManifestSources {
  if (deployment === "any" || submission === "any") return "any";
  return [...new Set([...deployment, ...submission])];
}

/** Allowed locations of the photos in manifest rows. */
export interface SourceBounds {
  /** The batch's base; undefined for a manifest without one. */
  readonly base: string | undefined;
  readonly others: ManifestSources;
}

/**
 * True if a manifest row may name this object. The manifest's author may not be its submitter, and Darkroom's
 * credentials may read more than the author may. Rows therefore reach only locations that the submitter or operator
 * allows.
 *
 * @param url an object's `s3://` or `file://` URL without `..`, in the form of storage's `parseStoreUrl`, as are all
 *   prefixes; prefixes have a trailing slash
 */
export function mayName(url: string, { base, others }: SourceBounds): boolean {
  if (others === "any") return true;
  return [...(base === undefined ? [] : [base]), ...others].some((prefix) => isUnder(url, prefix));
}

function isUnder(url: string, prefix: string): boolean {
  return prefix.endsWith("/") && url.length > prefix.length && url.startsWith(prefix);
}
