import type { CsvRecord } from "./csv-reader.ts";
import { knownColumn, sourceColumn } from "./columns.ts";
import type { ManifestRecord } from "./manifest-record.ts";
import { isPhotoKey } from "./file-kinds.ts";

const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/;

/**
 * True for the first row of an S3 Inventory (or S3 Batch Operations) list: no header, a bucket, a URL-encoded key, then
 * optional fields.
 */
export function isInventory(first: CsvRecord): boolean {
  const [bucket = "", key = ""] = first.fields;
  if (first.fields.length < 2 || sourceColumn(first.fields) !== -1) return false;
  if (first.fields.some((field) => knownColumn(field) !== undefined)) return false;
  return BUCKET.test(bucket) && /[./%]/.test(key);
}

/**
 * Converts a row of an inventory. Skips keys that are not photos (undefined), as in the listing of a prefix. Fields
 * after the key are carried as `column_3` and so on.
 */
export function inventoryRow({ line, fields, problem }: CsvRecord): ManifestRecord | undefined {
  if (problem !== undefined) return { line, columns: {}, problem: { message: problem } };
  const [bucket = "", encoded = ""] = fields;
  const key = decodedKey(encoded);
  if (key === undefined) {
    const message = "the key is not URL-encoded properly; use the inventory as S3 wrote it";
    return { line, columns: {}, problem: { field: "source", message } };
  }
  if (!isPhotoKey(key)) return undefined;
  const source = `s3://${bucket}/${key}`;
  if (fields.length === 2) return { line, columns: { source } };
  const carried = Object.fromEntries(fields.slice(2).map((value, i) => [`column_${i + 3}`, value]));
  return { line, columns: { source }, carried };
}

/** In an inventory's key, S3 writes a space as `+` and a plus as `%2B`. */
function decodedKey(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}
