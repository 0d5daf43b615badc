import { basename, dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { badManifest } from "./manifest-record.ts";

/** Returns the store and key of a manifest's URL. S3 URLs are literal, file URLs percent-encoded. */
export function splitManifestUrl(url: string): { readonly storeUrl: string; readonly key: string } {
  if (url.startsWith("file:")) {
    const path = localPath(url);
    return { storeUrl: `${pathToFileURL(dirname(path)).href}/`, key: basename(path) };
  }
  const cut = url.lastIndexOf("/") + 1;
  const key = url.slice(cut);
  if (key === "") throw badManifest(`${url} is a folder, not a manifest; name the file`);
  return { storeUrl: url.slice(0, cut), key };
}

/**
 * Returns the path of a `file:` URL in the batch's own source.
 *
 * @throws DarkroomError `invalid_input`
 */
export function localPath(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw badManifest(
      `${url} is not a valid file URL; write file:///folder/ with special characters percent-encoded`,
      cause,
    );
  }
}
