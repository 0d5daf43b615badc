/** The longest message that is kept of what a provider said. */
export const MAX_MESSAGE_CHARS = 500;

/** More than this is never looked at. */
const MAX_INPUT_CHARS = 8_000;

/** Order counts: a data URI before links, links before the loose patterns. */
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
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  [/[\u0000-\u001f\u007f]+/g, " "],
];

function linkTo(match: string): string {
  // The sentence around a link goes on after it.
  const rest = /[?!.,;:)\]}]{0,3}$/.exec(match)?.[0] ?? "";
  const url = URL.parse(match.slice(0, match.length - rest.length));
  return `${url === null || url.hostname === "" ? "[link]" : `[link to ${url.hostname}]`}${rest}`;
}

/**
 * Makes what a provider said fit for messages and logs: links (which may be signed) become the name of their host,
 * anything that looks like a key or is one of `secrets` is cut, control characters become spaces, and it ends at
 * {@link MAX_MESSAGE_CHARS}.
 */
export function redact(text: string, secrets: readonly string[] = []): string {
  // A word cut in the middle could be half of a key that no pattern knows any more.
  let clean = text.length <= MAX_INPUT_CHARS ? text : text.slice(0, MAX_INPUT_CHARS).replace(/\S{1,8000}$/, "");
  for (const secret of secrets) if (secret !== "") clean = clean.replaceAll(secret, "[key]");
  for (const [pattern, replacement] of PATTERNS) {
    clean = typeof replacement === "string" ? clean.replace(pattern, replacement) : clean.replace(pattern, replacement);
  }
  clean = clean.trim();
  return clean.length <= MAX_MESSAGE_CHARS ? clean : `${clean.slice(0, MAX_MESSAGE_CHARS - 1)}…`;
}
