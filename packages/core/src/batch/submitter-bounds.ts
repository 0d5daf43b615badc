import type { ManifestSources } from "./manifest-sources.ts";

/** What a submitter's key may use. */
export interface SubmitterBounds {
  /** Prefixes of stores under which its photos and manifests lie; in the form of storage's `parseStoreUrl`. */
  readonly sources: ManifestSources;
  /** The same for its results. */
  readonly destinations: ManifestSources;
  /** Lanes by name; a trailing `*` stands for any end. */
  readonly lanes: "any" | readonly string[];
}

/** The bounds of a submitter that may use everything. */
export const NO_BOUNDS_SET: SubmitterBounds = { sources: "any", destinations: "any", lanes: "any" };

/** True if a lane is one of those named. */
export function isLaneAllowed(lanes: SubmitterBounds["lanes"], lane: string): boolean {
  if (lanes === "any") return true;
  return lanes.some((name) => (name.endsWith("*") ? lane.startsWith(name.slice(0, -1)) : lane === name));
}

/**
 * True if a store's or an object's URL is at or under one of these prefixes. A prefix ends with a slash, so that
 * `s3://a/team/` does not cover `s3://a/team-two/`.
 *
 * @param url like the prefixes in the form of storage's `parseStoreUrl`: without `.` and `..`
 */
export function isCovered(url: string, prefixes: ManifestSources): boolean {
  return prefixes === "any" || prefixes.some((prefix) => prefix.endsWith("/") && url.startsWith(prefix));
}
