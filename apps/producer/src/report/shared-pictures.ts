import { givenDigests, photoMarkHalves, type OutcomeLine } from "@darkroom/core";
import type { OutcomeBuckets } from "@darkroom/archive";
import { KeySet } from "@darkroom/manifest";

/** Limit of other portraits named in a reason. */
const MOST_NAMED = 5;

/**
 * Finds pictures that the provider returned for more than one photo, over all outcome lines of a batch; a running batch
 * compares only recent results. Uses about 30 bytes per portrait.
 */
export class SharedPictures {
  /** Digest → the first portraits with that picture. */
  readonly #shared = new Map<string, number[]>();

  #seen: { readonly digests: KeySet; readonly ofPhotos: KeySet } | undefined = {
    digests: new KeySet(),
    ofPhotos: new KeySet(),
  };

  /** Adds a portrait's outcome. Call for all outcomes before {@link close}. */
  add({ picture }: OutcomeLine): void {
    if (picture === undefined || this.#seen === undefined) return;
    const { digests, ofPhotos } = this.#seen;
    const { content, pixels } = photoMarkHalves(picture.photo);
    for (const digest of givenDigests(picture)) {
      const isKnown = !digests.add(digest);
      const isOfKnownContent = !ofPhotos.add(`${digest} ${content}`);
      const isOfKnownPixels = pixels !== undefined && !ofPhotos.add(`${digest} ${pixels}`);
      if (isKnown && !isOfKnownContent && !isOfKnownPixels) this.#shared.set(digest, []);
    }
  }

  /** Frees the memory of pictures that occur once, and finds the portraits of the shared ones. */
  async close(buckets: OutcomeBuckets): Promise<void> {
    this.#seen = undefined;
    if (this.#shared.size === 0) return;
    for (const bucket of buckets.numbers) {
      for (const { index, picture } of (await buckets.read(bucket)).values()) {
        if (picture !== undefined) for (const digest of givenDigests(picture)) this.#note(digest, index);
      }
    }
  }

  #note(digest: string, index: number): void {
    const portraits = this.#shared.get(digest);
    if (portraits !== undefined && portraits.length <= MOST_NAMED && portraits.at(-1) !== index) portraits.push(index);
  }

  /** Returns the reason to review a portrait's picture; undefined unless another photo received the same picture. */
  reasonFor(index: number, outcome: Pick<OutcomeLine, "picture"> | undefined): string | undefined {
    const digests = outcome?.picture === undefined ? [] : givenDigests(outcome.picture);
    const portraits = digests.flatMap((digest) => this.#shared.get(digest) ?? []);
    const others = [...new Set(portraits)].filter((other) => other !== index).slice(0, MOST_NAMED);
    if (others.length === 0) return undefined;
    return `the provider returned the same picture for another photo (portrait ${others.join(", ")}): it may show another person`;
  }
}
