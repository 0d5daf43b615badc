import { isWholePicture } from "@darkroom/imaging";
import { sha256 } from "@darkroom/core";

/** A fetched picture that is unusable. */
export interface FaultyLook {
  /** Digest of its bytes. */
  readonly digest: string;
  /** A complete picture file, whatever it shows. */
  readonly isWhole: boolean;
  /** True when it shows the photo as it was sent. Defaults to false. */
  readonly showsSource?: boolean;
}

/**
 * Decides who is at fault for an unusable paid picture. A web server may return an empty file, an error page or half a
 * picture once. The provider is at fault for a whole file that shows the source, or that is the same when fetched
 * again. `look-again` is free; after `provider` the picture is given up.
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
