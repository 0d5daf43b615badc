/**
 * Lenient readers for what providers send: only the fields that are used, undefined for whatever does not fit, and
 * never an error.
 */
export type VendorRecord = Readonly<Record<string, unknown>>;

export function recordOf(value: unknown): VendorRecord | undefined {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as VendorRecord) : undefined;
}

export function recordAt(record: VendorRecord | undefined, key: string): VendorRecord | undefined {
  return recordOf(record?.[key]);
}

/** The first of `keys` that holds words. */
export function textAt(record: VendorRecord | undefined, ...keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = record?.[key];
    if (typeof value === "string" && value.trim() !== "") return value;
  }
  return undefined;
}

/** A finite number, also where it came as a string. */
export function numberAt(record: VendorRecord | undefined, key: string): number | undefined {
  const value = record?.[key];
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

export function listAt(record: VendorRecord | undefined, key: string): readonly unknown[] {
  const value = record?.[key];
  return Array.isArray(value) ? value : [];
}

/** Some servers begin a text with it; RFC 8259, section 8.1, lets a reader pass over it. */
const BYTE_ORDER_MARK = "\uFEFF";

export function withoutByteOrderMark(text: string): string {
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

/** Undefined for text that is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(withoutByteOrderMark(text));
  } catch {
    return undefined;
  }
}

/** The words of a `detail` as both providers send it, in the form of FastAPI: a sentence, or a list of `{loc, msg}`. */
export function detailWords(record: VendorRecord | undefined): string | undefined {
  const words = listAt(record, "detail").flatMap((item) => {
    const entry = recordOf(item);
    const where = listAt(entry, "loc").join(".");
    const what = typeof item === "string" ? item : textAt(entry, "msg", "message");
    return what === undefined ? [] : [where === "" ? what : `${where}: ${what}`];
  });
  return words.length > 0 ? words.join("; ") : textAt(record, "detail");
}
