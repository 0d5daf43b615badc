import { Readable } from "node:stream";

/** A request's body that is made while it is written, so that it is never held whole. */
export interface StreamedBody {
  /** Its exact length. A body that turns out otherwise ends the request, which then cannot have arrived whole. */
  readonly sizeBytes: number;
  /** Called once for each request, when it is written. */
  open(): AsyncIterable<Buffer>;
}

/** The body could not be made: a fault of whoever gives it, and none of the provider's. The cause says more. */
export class BodyUnreadable extends Error {
  readonly code = "BODY_UNREADABLE";

  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
  }
}

/** A {@link StreamedBody} on its way, which knows whether it may have been sent to its end. */
export class OutgoingBody {
  readonly stream: Readable;
  readonly #body: StreamedBody;
  readonly #onChunk: () => void;
  #handedOver = 0;

  /** @param onChunk called whenever more of it is asked for */
  constructor(body: StreamedBody, onChunk: () => void) {
    this.#body = body;
    this.#onChunk = onChunk;
    this.stream = Readable.from(this.#chunks(), { objectMode: false });
    // Whoever reads it hears of its errors, too; one that nobody reads any more has nothing to tell.
    this.stream.on("error", () => undefined);
  }

  /** True as soon as its last byte may be on its way; false means that no server can have got all of it. */
  get mayBeWhole(): boolean {
    return this.#handedOver >= this.#body.sizeBytes;
  }

  async *#chunks(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of this.#body.open()) {
        if (this.#handedOver + chunk.length > this.#body.sizeBytes) {
          throw new BodyUnreadable("the request's body is longer than it was said to be");
        }
        this.#onChunk();
        this.#handedOver += chunk.length;
        yield chunk;
      }
    } catch (error) {
      throw error instanceof BodyUnreadable ? error : new BodyUnreadable("the request's body could not be read", error);
    }
    if (!this.mayBeWhole) throw new BodyUnreadable("the request's body is shorter than it was said to be");
  }
}
