import { isWholePicture } from "@darkroom/imaging";
import { sha256 } from "@darkroom/core";

/** A fetched picture that is unusable. */
export interface FaultyLook {
  /** Digest of its bytes. */
  readonly digest: string;
  /** The file is a complete picture, regardless of its content. */
  readonly isWhole: boolean;
  /** The picture shows the photo as sent. Defaults to false. */
  readonly showsSource?: boolean;
}

/**
 * Decides who is at fault for an unusable paid picture. A web server may once return an empty file, an error page or
 * half a picture. The provider is at fault for a complete file that shows the source, or that is identical when fetched
 * again. `look-again` is free. `provider` gives the picture up.
 *
 * @param before digest of the previous fetch, if that was unusable too
 */
export function whoseFault(before: string | undefined, now: FaultyLook): "provider" | "look-again" {
  return now.isWhole && (now.showsSource === true || before === now.digest) ? "provider" : "look-again";
}

export function faultyLook(bytes: Uint8Array): FaultyLook {
  return {
    digest: sha256(bytes).slice(0, 16),
    isWhole: isWholePicture(bytes),
  };
}
