import type { ResultStore } from "./result-store.ts";

/** The path under which results are served. */
export const CDN_PATH = "/cdn/";

/**
 * Who a picture's URL is about: its decoded path, without the query that signs it. One of our own results is about the
 * portrait it was made from, so that a new session that starts from a result is still the same portrait.
 */
export function portraitName(imageUrl: string, results: ResultStore): string {
  const url = URL.parse(imageUrl);
  if (url === null) return imageUrl;
  if (url.pathname.startsWith(CDN_PATH)) {
    const result = results.get(url.pathname.slice(CDN_PATH.length));
    if (result !== undefined) return result.portrait;
  }
  const path = url.pathname.replace(/^\/+/, "");
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
