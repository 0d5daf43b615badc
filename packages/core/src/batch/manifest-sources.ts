import { z } from "zod";

/** The most prefixes that a submission may name. */
const MAX_PREFIXES = 100;

/** What rows of a manifest may name in stores outside of the batch's base: objects under these prefixes, or `any`. */
export type ManifestSources = "any" | readonly string[];

export const manifestSourcesSchema: z.ZodType<ManifestSources, ManifestSources> = z.union([
  z.literal("any"),
  z.array(z.string().min(1)).max(MAX_PREFIXES),
]);

/** What the deployment allows and what the submitter allows, together. */
export function joinManifestSources(
  deployment: ManifestSources = [],
  submission: ManifestSources = [],
): ManifestSources {
  if (deployment === "any" || submission === "any") return "any";
  return [...new Set([...deployment, ...submission])];
}

/** Where the rows of a manifest may find their photos in stores. */
export interface SourceBounds {
  /** The batch's base; undefined for a manifest that has none. */
  readonly base: string | undefined;
  readonly others: ManifestSources;
}

/**
 * Whether a row of a manifest may name this object. Whoever submits a batch and whoever wrote its manifest may be two
 * people, and Darkroom's credentials read what the second one may not: so a row reaches no further than the submitter
 * or the operator has said.
 *
 * @param url an object's `s3://` or `file://` URL without `..`; it and all prefixes are in the form of storage's
 *   `parseStoreUrl`, prefixes with a slash at the end
 */
export function mayName(url: string, { base, others }: SourceBounds): boolean {
  if (others === "any") return true;
  return [...(base === undefined ? [] : [base]), ...others].some((prefix) => isUnder(url, prefix));
}

function isUnder(url: string, prefix: string): boolean {
  return prefix.endsWith("/") && url.length > prefix.length && url.startsWith(prefix);
}
