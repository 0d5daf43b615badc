import type { ResultStore } from "./result-store.ts";
import { PUBLIC_PATH, type UploadStore } from "./upload-store.ts";

/** The path under which results are served. */
export const CDN_PATH = "/cdn/";

/**
 * Returns the name of the portrait that a picture's URL belongs to: the URL's decoded path without the signed query. A
 * result belongs to the portrait that it was made from, so that a session that starts from it continues that portrait.
 * An uploaded picture is named by its bytes, because each upload has a different URL.
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

/** A link to a photo in a local folder contains a new token each time, but always the same name. */
function nameInToken(token: string): string | undefined {
  try {
    const claims = JSON.parse(Buffer.from(token, "base64url").toString()) as { url?: unknown; key?: unknown };
    if (typeof claims.url !== "string" || typeof claims.key !== "string") return undefined;
    return `${decodeURIComponent(new URL(claims.url).pathname)}${claims.key}`.replace(/^\/+/, "");
  } catch {
    return undefined;
  }
}
