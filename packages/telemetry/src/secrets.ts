/** What stands where a secret was. */
export const CENSOR = "…";

/** The end of a field's name, in lower case and without `-` and `_`, whose value is never logged. */
const SECRET_FIELD = /(?:apikey|authorization|password|secret|accesskey|accesskeyid|token|cookie)$/;

/** A URL's query is where signatures live, and its user part where passwords do (an `@` of theirs included). */
const URL_USER = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/]*@/gi;
const URL_QUERY = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s?#"']+)\?[^\s"']*/gi;
/** A signed query by itself, plain or escaped within another URL. */
const SIGNED_QUERY = /(X-Amz-(?:Signature|Credential|Security-Token))(=|%3D)[^\s&"']+/gi;
const FILE_TOKEN = /((?:\/|%2F)files(?:\/|%2F))[^\s/"'?#%&]+/gi;
const NAMED_KEY =
  /\b((?:x-)?api[-_ ]?key|authorization|secret[-_]?access[-_]?key|password)(["']?\s*[:=]\s*["']?)(?:(?:bearer|basic)\s+)?[^\s"',;}]+/gi;

/** Text that may be logged: no signed query, no user part, no link token, no key that is called one. */
export function withoutSecrets(text: string): string {
  return text
    .replaceAll(URL_USER, `$1${CENSOR}@`)
    .replaceAll(URL_QUERY, `$1?${CENSOR}`)
    .replaceAll(SIGNED_QUERY, `$1$2${CENSOR}`)
    .replaceAll(FILE_TOKEN, `$1${CENSOR}`)
    .replaceAll(NAMED_KEY, `$1$2${CENSOR}`);
}

/** A JSON value that may be logged: {@link withoutSecrets} at every depth, and no value of a secret field. */
export function cleanJson(value: unknown): unknown {
  if (typeof value === "string") return withoutSecrets(value);
  if (Array.isArray(value)) return value.map(cleanJson);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, isSecret(key, item) ? CENSOR : cleanJson(item)]),
  );
}

function isSecret(field: string, value: unknown): boolean {
  if (value === null || typeof value === "number" || typeof value === "boolean") return false;
  return SECRET_FIELD.test(field.toLowerCase().replaceAll(/[-_]/g, ""));
}
