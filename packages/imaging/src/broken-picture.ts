import { messageOf } from "@darkroom/core";

/**
 * Returns the error for a picture that cannot be decoded, with the decoder's reason on one line (libvips writes
 * several).
 */
export function brokenPicture(error: unknown): string {
  const [reason = ""] = messageOf(error).split("\n");
  return `the picture cannot be read, it is damaged or its end is missing (${reason}); copy it again or save it anew`;
}
