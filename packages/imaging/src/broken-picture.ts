import { messageOf } from "@darkroom/core";

/** What is said of a picture that cannot be decoded, with the decoder's reason: libvips gives one in several lines. */
export function brokenPicture(error: unknown): string {
  const [reason = ""] = messageOf(error).split("\n");
  return `the picture cannot be read, it is damaged or its end is missing (${reason}); copy or save it anew`;
}
