import { DarkroomError } from "@darkroom/core";
import { toStoreUrl } from "@darkroom/storage";

/**
 * Validates a store's URL in a submission. Accepts only absolute URLs, because a relative path depends on the user's
 * shell.
 *
 * @throws DarkroomError `invalid_input` with the field
 */
export function wholeStoreUrl(url: string, field: string): string {
  if (!/^(s3|file):\/\//i.test(url)) {
    throw new DarkroomError("invalid_input", `${field} must be an s3:// or file:// URL, not "${url}".`, { field });
  }
  return toStoreUrl(url, "/");
}
