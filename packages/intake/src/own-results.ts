import { fileURLToPath } from "node:url";
import type { BatchSource } from "@darkroom/core";

/** The keys under a prefix that are the batch's own results and not photos: its destination, where it lies within. */
export function ownResults(source: BatchSource, destinationUrl: string): readonly string[] {
  if (source.kind !== "prefix" || !destinationUrl.startsWith(source.url)) return [];
  // File URLs are percent-encoded; S3 URLs are taken as they are, and may hold a lone %.
  const inside = source.url.startsWith("file:")
    ? fileURLToPath(destinationUrl).slice(fileURLToPath(source.url).length)
    : destinationUrl.slice(source.url.length);
  return inside === "" ? [] : [inside];
}
