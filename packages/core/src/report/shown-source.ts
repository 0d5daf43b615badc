/** Written with a scheme other than a store's, or as an address without one: `https:…`, `ftp://…`, `//host/…`. */
const ADDRESS = /^(?!(?:s3|file):)(?:[a-z][a-z0-9+.-]*:[/\\]|(?:https?|ftp|data):|[/\\]{2})/i;
const HEAD = /^(?:[a-z][a-z0-9+.-]*:)?[/\\]*/i;

/**
 * A source as a person may see it, in reports and answers: without an address's query, which may be a signature, without
 * its user part, and without what a `data:` URL holds, which may be the picture. A row that is refused may hold any of
 * them, and be no valid URL at all.
 */
export function shownSource(source: string): string {
  if (!ADDRESS.test(source)) return source;
  if (/^data:/i.test(source)) return "data:…";
  const plain = source.replace(/[?#].*$/s, "");
  const [head = ""] = HEAD.exec(plain) ?? [];
  const rest = plain.slice(head.length);
  const url = URL.parse(plain);
  // An @ belongs to the path only where it is sure that it stands behind the host.
  const userEnd = url === null ? rest.lastIndexOf("@") : rest.split(/[/\\]/, 1).join("").lastIndexOf("@");
  return `${head}${rest.slice(userEnd + 1)}`;
}
