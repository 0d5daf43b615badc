import {
  DarkroomError,
  isCovered,
  isLaneAllowed,
  type Fallback,
  type ManifestSources,
  type SubmitterBounds,
} from "@darkroom/core";
import { realFolderOf, splitObjectUrl } from "@darkroom/storage";
import type { SubmittedRows } from "./submission-rules.ts";

/**
 * The parts of a submission to which its submitter's bounds apply. URLs are in the form of storage's `parseStoreUrl`.
 */
export interface BoundedParts {
  readonly rows: SubmittedRows;
  readonly destinationUrl: string;
  readonly lane: string;
  readonly fallback: Fallback | undefined;
}

/**
 * Rejects a submission outside of its submitter's bounds, before anything is read with the service's credentials. The
 * rows of a manifest are checked when they are read.
 *
 * @throws DarkroomError `forbidden` with the field
 */
export function checkBounds({ rows, destinationUrl, lane, fallback }: BoundedParts, bounds: SubmitterBounds): void {
  const { sources, lanes } = bounds;
  checkDestinationBounds(destinationUrl, bounds);
  for (const [field, url] of readUrls(rows)) checkUrl(field, url, { limit: "sources", prefixes: sources });
  checkLane("lane", lane, lanes);
  if (fallback !== undefined) checkLane("fallback", fallback.lane, lanes);
}

/** @throws DarkroomError `forbidden` for a destination outside of a caller's bounds */
export function checkDestinationBounds(url: string, { destinations }: Pick<SubmitterBounds, "destinations">): void {
  checkUrl("destination", url, { limit: "destinations", prefixes: destinations });
}

/** Returns the stores from which a source is read, by field. */
function readUrls(rows: SubmittedRows): readonly (readonly [field: string, url: string])[] {
  if (rows.kind === "sent") return rows.baseUrl === undefined ? [] : [["baseUrl", rows.baseUrl]];
  const { source } = rows;
  if (source.kind === "prefix") return [["source", source.url]];
  const base: readonly (readonly [string, string])[] =
    source.baseUrl === undefined ? [] : [["baseUrl", source.baseUrl]];
  return [["source", splitObjectUrl(source.url).storeUrl], ...base];
}

interface UrlLimit {
  readonly limit: "sources" | "destinations";
  readonly prefixes: ManifestSources;
}

function checkUrl(field: string, url: string, { limit, prefixes }: UrlLimit): void {
  if (isCoveredStore(url, prefixes)) return;
  throw new DarkroomError(
    "forbidden",
    `${field}: ${url} is outside of the ${limit} of this key: ${shown(prefixes)}. Name a place under one of them.`,
    { field },
  );
}

/** Like `isCovered`, for a store's URL. Resolves symbolic links in local paths first. */
export function isCoveredStore(url: string, prefixes: ManifestSources): boolean {
  if (prefixes === "any") return true;
  if (!url.startsWith("file:")) return isCovered(url, prefixes);
  const local = prefixes.filter((prefix) => prefix.startsWith("file:"));
  return isCovered(realFolder(url), local.map(realFolder));
}

/** Returns the folder of a `file:` URL with symbolic links resolved, and with a trailing slash. */
function realFolder(url: string): string {
  const path = realFolderOf(url);
  return path.endsWith("/") ? path : `${path}/`;
}

function checkLane(field: string, lane: string, lanes: SubmitterBounds["lanes"]): void {
  if (isLaneAllowed(lanes, lane)) return;
  throw new DarkroomError(
    "forbidden",
    `${field}: this key may use the lanes ${shown(lanes)}, not "${lane}". Name one of them.`,
    { field },
  );
}

/** Formats a key's own limits, which its owner may see. */
function shown(names: "any" | readonly string[]): string {
  return names === "any" ? names : names.length === 0 ? "none" : names.join(", ");
}
