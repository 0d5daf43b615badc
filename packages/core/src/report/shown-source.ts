/** Text with a scheme other than a store's, or an address without a scheme: `https:…`, `ftp://…`, `//host/…`. */
const ADDRESS = /^(?!(?:s3|file):)(?:[a-z][a-z0-9+.-]*:[/\\]|(?:https?|ftp|data):|[/\\]{2})/i;
const HEAD = /^(?:[a-z][a-z0-9+.-]*:)?[/\\]*/i;

/**
 * Formats a source for reports and API responses: without the query of a URL, which may be a signature, without its
 * user part, and without the data of a `data:` URL. A rejected row may contain any of these, even in an invalid URL.
 */
export function shownSource(source: string): string {
  if (!ADDRESS.test(source)) return source;
  if (/^data:/i.test(source)) return "data:…";
  const plain = source.replace(/[?#].*$/s, "");
  const [head = ""] = HEAD.exec(plain) ?? [];
  const rest = plain.slice(head.length);
  const url = URL.parse(plain);
  // An @ belongs to the path only if it certainly follows the host.
  const userEnd = url === null ? rest.lastIndexOf("@") : rest.split(/[/\\]/, 1).join("").lastIndexOf("@");
  return `${head}${rest.slice(userEnd + 1)}`;
}
