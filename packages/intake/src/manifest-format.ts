const MANIFEST = /\.(csv|tsv|txt|jsonl|ndjson)(\.gz)?$/i;

/** Returns the manifest format of a file name; undefined for a prefix. */
export function manifestFormat(name: string): "csv" | "jsonl" | undefined {
  const kind = MANIFEST.exec(name)?.[1]?.toLowerCase();
  return kind === undefined ? undefined : kind === "csv" || kind === "tsv" || kind === "txt" ? "csv" : "jsonl";
}
