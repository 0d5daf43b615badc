import type { ResultStore } from "./result-store.ts";
import { PUBLIC_PATH, type UploadStore } from "./upload-store.ts";

/** The path under which results are served. */
export const CDN_PATH = "/cdn/";

/**
 * Who a picture's URL is about: its decoded path, without the query that signs it. One of our own results is about the
 * portrait it was made from, so that a new session that starts from a result is still the same portrait. A picture in our
 * own storage is about its bytes: each upload of the same photo has another URL.
 */
export function portraitName(imageUrl: string, results: ResultStore, uploads: UploadStore): string {
  const url = URL.parse(imageUrl);
  if (url === null) return imageUrl;
  if (url.pathname.startsWith(CDN_PATH)) {
    const result = results.get(url.pathname.slice(CDN_PATH.length));
    if (result !== undefined) return result.portrait;
  }
  if (url.pathname.startsWith(PUBLIC_PATH)) {
    const upload = uploads.find(url.pathname.slice(PUBLIC_PATH.length));
    if (upload !== undefined) return upload.portrait;
  }
  const path = url.pathname.replace(/^\/+/, "");
  const token = /^files\/([^/.]+)\.[^/]+\//.exec(path)?.[1];
  if (token !== undefined) return nameInToken(token) ?? path;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** A link to a photo in a local folder carries its name in a token that is new each time; what it names stays the same. */
function nameInToken(token: string): string | undefined {
  try {
    const claims = JSON.parse(Buffer.from(token, "base64url").toString()) as { url?: unknown; key?: unknown };
    if (typeof claims.url !== "string" || typeof claims.key !== "string") return undefined;
    return `${decodeURIComponent(new URL(claims.url).pathname)}${claims.key}`.replace(/^\/+/, "");
  } catch {
    return undefined;
  }
}
