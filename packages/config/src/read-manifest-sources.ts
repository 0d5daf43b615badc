import type { ManifestSources } from "@darkroom/core";
import type { EnvironmentReader } from "./read-environment.ts";

/** Validates a prefix without opening a store. */
const STORE_PREFIX = /^(?:s3:\/\/[^/]|file:\/\/\/)/;
const LEAVES = /(?:^|\/)\.{1,2}(?:\/|$)/;

/** Returns the stores that manifest rows may name, regardless of their batch's base. */
export function readManifestSources(read: EnvironmentReader): ManifestSources {
  const sources = read.list("DARKROOM_MANIFEST_SOURCES");
  if (sources.includes("any")) return "any";
  if (sources.some((source) => !STORE_PREFIX.test(source) || LEAVES.test(source))) {
    read.problem("DARKROOM_MANIFEST_SOURCES", "prefixes like s3://bucket/folder/ or file:///folder/, or any");
  }
  return sources;
}
