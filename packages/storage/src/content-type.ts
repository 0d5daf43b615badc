import { extensionOf } from "@darkroom/core";

const TYPES: Readonly<Record<string, string>> = {
  avif: "image/avif",
  csv: "text/csv",
  gif: "image/gif",
  gz: "application/gzip",
  heic: "image/heic",
  heif: "image/heif",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  json: "application/json",
  jsonl: "application/x-ndjson",
  png: "image/png",
  tif: "image/tiff",
  tiff: "image/tiff",
  txt: "text/plain",
  webp: "image/webp",
};

/**
 * Returns the content type implied by a file's name. If a file has exactly that type, the store writes no note beside
 * it.
 */
export function contentTypeOf(key: string): string | undefined {
  return TYPES[extensionOf(key)];
}
