import { DarkroomError } from "@darkroom/core";
import { toStoreUrl } from "@darkroom/storage";

/**
 * A store's URL as a submission names it. Only whole URLs come here: what a relative path is relative to, only the
 * person at the terminal knows.
 *
 * @throws DarkroomError `invalid_input` with the field
 */
export function wholeStoreUrl(url: string, field: string): string {
  if (!/^(s3|file):\/\//i.test(url)) {
    throw new DarkroomError("invalid_input", `${field} must be an s3:// or file:// URL, not "${url}".`, { field });
  }
  return toStoreUrl(url, "/");
}
