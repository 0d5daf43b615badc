const MANIFEST = /\.(csv|tsv|jsonl|ndjson)(\.gz)?$/i;

/** The kind of manifest that a file name tells, or undefined for a prefix. */
export function manifestFormat(name: string): "csv" | "jsonl" | undefined {
  const kind = MANIFEST.exec(name)?.[1]?.toLowerCase();
  return kind === undefined ? undefined : kind === "csv" || kind === "tsv" ? "csv" : "jsonl";
}
