/** Maximum length kept of a provider's message. */
export const MAX_MESSAGE_CHARS = 500;

/** Maximum length that is inspected, in characters. */
const MAX_INPUT_CHARS = 8_000;

/** The order matters: data URIs before links, and links before the broader patterns. */
const PATTERNS: readonly (readonly [RegExp, string | ((match: string) => string)])[] = [
  [/\bdata:[a-z0-9.+-]+\/[a-z0-9.+-]+;[^\s"'<>]*/gi, "[data]"],
  [/\b(?:https?|s3|wss?):\/\/[^\s"'<>`]+/gi, linkTo],
  [/\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, "$1 [key]"],
  [
    /\b((?:x-)?api[-_ ]?key|authorization|token|secret|password|signature)(["']?\s*[:=]\s*["']?)[^\s"',;}]+/gi,
    "$1$2[key]",
  ],
  [/\bX-Amz-[\w-]+=[^\s&"']+/gi, "[key]"],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g, "[key]"],
  [/\b(?:sk|pk|rk|key)[-_][\w-]{12,}/gi, "[key]"],
  [/\beyJ[\w-]{10,}\.[\w-]+(?:\.[\w-]*)?/g, "[key]"],
  // oxlint-disable-next-line no-control-regex -- terminals execute control characters, also those of C1
  [/[\u0000-\u001f\u007f-\u009f]+/g, " "],
];

function linkTo(match: string): string {
  // Punctuation after a link belongs to the sentence.
  const rest = /[?!.,;:)\]}]{0,3}$/.exec(match)?.[0] ?? "";
  const url = URL.parse(match.slice(0, match.length - rest.length));
  return `${url === null || url.hostname === "" ? "[link]" : `[link to ${url.hostname}]`}${rest}`;
}

/**
 * Prepares a provider's text for messages and logs. Replaces links (which may be signed) by their host name, removes
 * anything that looks like a key or is one of `secrets`, replaces control characters by spaces, and truncates at {@link
 * MAX_MESSAGE_CHARS}.
 */
export function redact(text: string, secrets: readonly string[] = []): string {
  // Drops a truncated last word, which could be half of a key that no pattern would recognize.
  let clean = text.length <= MAX_INPUT_CHARS ? text : text.slice(0, MAX_INPUT_CHARS).replace(/\S{1,8000}$/, "");
  for (const secret of secrets) if (secret !== "") clean = clean.replaceAll(secret, "[key]");
  for (const [pattern, replacement] of PATTERNS) {
    clean = typeof replacement === "string" ? clean.replace(pattern, replacement) : clean.replace(pattern, replacement);
  }
  clean = clean.trim();
  return clean.length <= MAX_MESSAGE_CHARS ? clean : `${clean.slice(0, MAX_MESSAGE_CHARS - 1)}…`;
}
