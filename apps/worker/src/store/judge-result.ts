import { isWholePicture } from "@darkroom/imaging";
import { sha256 } from "@darkroom/core";

/** A fetched picture with which something was wrong. */
export interface FaultyLook {
  /** Of its bytes; the same for the same file. */
  readonly digest: string;
  /** A picture file from its beginning to its end, whatever it shows. */
  readonly isWhole: boolean;
  /** It shows the photo as it was sent. Defaults to false. */
  readonly showsSource?: boolean;
}

/**
 * Whose fault it is that a paid picture cannot be used. A web server that once gives an empty file, a page or half a
 * picture gives the picture a moment later; the provider's own fault is a whole picture file that shows the source, or that is the same when
 * it is fetched again. `look-again` costs nothing; after `provider` the picture is given up.
 *
 * @param before the digest of what the last fetch gave, where something was wrong with that, too
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
