import { DarkroomError, isDarkroomError, messageOf } from "@darkroom/core";
import type { PictureBytes } from "@darkroom/provider-kit";

/** A picture being sent to the provider. Records read errors, because they are not the provider's fault. */
export class WatchedPicture implements PictureBytes {
  readonly sizeBytes: number;
  readonly #picture: PictureBytes;
  #fault: unknown;

  constructor(picture: PictureBytes) {
    this.#picture = picture;
    this.sizeBytes = picture.sizeBytes;
  }

  /** The read error as a storage error; undefined if none occurred. */
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
