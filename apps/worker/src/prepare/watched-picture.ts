import { DarkroomError, isDarkroomError, messageOf } from "@darkroom/core";
import type { PictureBytes } from "@darkroom/provider-kit";

/** A picture on its way to the provider that remembers what reading it failed with: no fault of the provider's. */
export class WatchedPicture implements PictureBytes {
  readonly sizeBytes: number;
  readonly #picture: PictureBytes;
  #fault: unknown;

  constructor(picture: PictureBytes) {
    this.#picture = picture;
    this.sizeBytes = picture.sizeBytes;
  }

  /** What went wrong, as a fault of the object store; undefined where nothing did. */
  get fault(): unknown {
    if (this.#fault === undefined || isDarkroomError(this.#fault)) return this.#fault;
    const message = `the photo could not be read while it was sent: ${messageOf(this.#fault)}`;
    return new DarkroomError("storage_unavailable", message, { retryable: true, cause: this.#fault });
  }

  async open(): ReturnType<PictureBytes["open"]> {
    try {
      const stream = await this.#picture.open();
      stream.once("error", (error) => {
        this.#fault ??= error;
      });
      return stream;
    } catch (error) {
      this.#fault ??= error;
      throw error;
    }
  }
}
