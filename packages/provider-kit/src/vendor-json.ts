/**
 * Lenient parsers for providers' answers. They read only the fields that are used, return undefined for anything that
 * does not match, and never throw.
 */
export type VendorRecord = Readonly<Record<string, unknown>>;

export function recordOf(value: unknown): VendorRecord | undefined {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as VendorRecord) : undefined;
}

export function recordAt(record: VendorRecord | undefined, key: string): VendorRecord | undefined {
  return recordOf(record?.[key]);
}

/** Returns the first of `keys` with a text. */
export function textAt(record: VendorRecord | undefined, ...keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = record?.[key];
    if (typeof value === "string" && value.trim() !== "") return value;
  }
  return undefined;
}

/** Returns a finite number, even if it arrives as a string. */
export function numberAt(record: VendorRecord | undefined, key: string): number | undefined {
  const value = record?.[key];
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

export function listAt(record: VendorRecord | undefined, key: string): readonly unknown[] {
  const value = record?.[key];
  return Array.isArray(value) ? value : [];
}

/** Some servers put this before their text. RFC 8259, section 8.1, allows a reader to ignore it. */
const BYTE_ORDER_MARK = "\uFEFF";

export function withoutByteOrderMark(text: string): string {
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

/** Returns undefined for text that is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(withoutByteOrderMark(text));
  } catch {
    return undefined;
  }
}

/**
 * Returns the text of a `detail` in FastAPI's form, which both providers use: a sentence, or a list of `{loc, msg}`.
 */
export function detailWords(record: VendorRecord | undefined): string | undefined {
  const words = listAt(record, "detail").flatMap((item) => {
    const entry = recordOf(item);
    const where = listAt(entry, "loc").join(".");
    const what = typeof item === "string" ? item : textAt(entry, "msg", "message");
    return what === undefined ? [] : [where === "" ? what : `${where}: ${what}`];
  });
  return words.length > 0 ? words.join("; ") : textAt(record, "detail");
}
