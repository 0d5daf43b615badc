import type { ManifestSources } from "./manifest-sources.ts";

/** The limits of a submitter's key. */
export interface SubmitterBounds {
  /** Allowed store prefixes of photos and manifests, in the form of storage's `parseStoreUrl`. */
  readonly sources: ManifestSources;
  /** Allowed store prefixes of results, in the same form. */
  readonly destinations: ManifestSources;
  /** Names of the allowed lanes. A trailing `*` matches any suffix. */
  readonly lanes: "any" | readonly string[];
}

/** The bounds of a submitter without limits. */
export const NO_BOUNDS_SET: SubmitterBounds = { sources: "any", destinations: "any", lanes: "any" };

/** True if a lane matches one of these names. */
export function isLaneAllowed(lanes: SubmitterBounds["lanes"], lane: string): boolean {
  if (lanes === "any") return true;
  return lanes.some((name) => (name.endsWith("*") ? lane.startsWith(name.slice(0, -1)) : lane === name));
}

/**
 * True if the URL of a store or object is equal to one of these prefixes or below it. A prefix ends with a slash, so
 * that `s3://a/team/` does not cover `s3://a/team-two/`.
 *
 * @param url in the form of storage's `parseStoreUrl`, like the prefixes: without `.` and `..`
 */
export function isCovered(url: string, prefixes: ManifestSources): boolean {
  return prefixes === "any" || prefixes.some((prefix) => prefix.endsWith("/") && url.startsWith(prefix));
}
