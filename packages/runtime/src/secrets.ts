/** Replacement for a secret. */
const CENSOR = "…";

/** Suffixes of field names, in lower case and without `-` and `_`, whose values are never logged. */
const SECRET_FIELD =
  /(?:apikeys?|authorization|password|passwd|passphrase|^pass|secrets?|accesskey|accesskeyid|secretkey|privatekey|tokens?|cookie|credentials?)$/;
/** Matches a header's name, for headers in a flat list or as pairs. */
const SECRET_HEADER = /^(?:(?:x-)?api-?key|(?:proxy-)?authorization|(?:set-)?cookie|x-amz-security-token)$/i;

/** A URL's query may contain signatures, and its user part a password (which may contain an `@`). */
const URL_USER = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/]*@/gi;
const URL_QUERY = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s?#"']+)[?#][^\s"']*/gi;
/** Matches a signed query by itself, plain or escaped within another URL. */
const SIGNED_QUERY = /(X-Amz-(?:Signature|Credential|Security-Token))(=|%3D)[^\s&"']+/gi;
const SECRET_PARAMETER = /([?&][\w.-]*(?:signature|sig|token|credential|secret|password|key|policy)=)[^\s&"'#]+/gi;
const FILE_TOKEN = /((?:\/|%2F)files(?:\/|%2F))[^\s/"'?#%&]+/gi;
/** Matches `EACHLABS_API_KEY=…`, `x-api-key: …`, `"apiKey":"…"`, with any level of escaped quotes. */
const NAMED_KEY =
  /(?<![a-z0-9])((?:x-)?api[-_ ]?key|authorization|secret[-_ ]?access[-_ ]?key|access[-_ ]?key[-_ ]?id|(?:access|session|security)[-_ ]?token|(?:link|client)[-_ ]?secret|password)(\\*["']?\s*[:=]\s*\\*["']?)(?:(?:bearer|basic)\s+)?[^\s"',;}\\]+/gi;
const BEARER = /\b(bearer\s+)[\w.~+/=-]{8,}/gi;
/** Matches "wrong API key es_live_42": a word that contains a digit and is long enough for a key. */
const SPOKEN_KEY = /\b(api[-_ ]?key\s+["'`]?)(?=[^\s"'`]*\d)[\w.-]{8,}/gi;
/** Matches the secret of a webhook. */
const WEBHOOK_SECRET = /\bwhsec_[\w+/=-]+/g;

/** Returns text that may be logged: without signed queries, user parts, link tokens, and labelled keys. */
export function withoutSecrets(text: string): string {
  return text
    .replaceAll(URL_USER, `$1${CENSOR}@`)
    .replaceAll(URL_QUERY, `$1?${CENSOR}`)
    .replaceAll(SIGNED_QUERY, `$1$2${CENSOR}`)
    .replaceAll(SECRET_PARAMETER, `$1${CENSOR}`)
    .replaceAll(FILE_TOKEN, `$1${CENSOR}`)
    .replaceAll(NAMED_KEY, `$1$2${CENSOR}`)
    .replaceAll(BEARER, `$1${CENSOR}`)
    .replaceAll(SPOKEN_KEY, `$1${CENSOR}`)
    .replaceAll(WEBHOOK_SECRET, `whsec_${CENSOR}`);
}

/**
 * Every line in which {@link cleanJson} finds a secret contains one of these. Field names are compared without `-` and
 * `_`, so these characters may stand between the letters.
 */
const NEAR_SECRETS = new RegExp(
  [
    ...["key", "pass", "secret", "token", "cookie", "credential", "authorization"].map((word) =>
      word.split("").join("[-_]*"),
    ),
    "://",
    "bearer",
    "sig",
    "policy",
    "files",
    "whsec",
  ].join("|"),
  "i",
);

/** {@link cleanJson} for one line of JSON. Skips the parsing of lines that contain nothing similar to a secret. */
export function cleanLine(line: string): string {
  return NEAR_SECRETS.test(line) ? `${JSON.stringify(cleanJson(JSON.parse(line)))}\n` : line;
}

/**
 * Returns a JSON value that may be logged: {@link withoutSecrets} at every depth, and without the values of secret
 * fields.
 */
export function cleanJson(value: unknown): unknown {
  if (typeof value === "string") return withoutSecrets(value);
  if (Array.isArray(value)) return value.map((item, at) => (followsHeader(value, at) ? CENSOR : cleanJson(item)));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, isSecret(key, item) ? CENSOR : cleanJson(item)]),
  );
}

function isSecret(field: string, value: unknown): boolean {
  if (value === null || typeof value === "number" || typeof value === "boolean") return false;
  return SECRET_FIELD.test(field.toLowerCase().replaceAll(/[-_]/g, ""));
}

function followsHeader(list: readonly unknown[], at: number): boolean {
  const name = list[at - 1];
  return typeof name === "string" && SECRET_HEADER.test(name) && typeof list[at] !== "object";
}
