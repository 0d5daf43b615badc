import { Readable } from "node:stream";

/** A request's body that is generated while it is written, so that it is never held whole. */
export interface StreamedBody {
  /** Its exact length. A body of another length aborts the request, which then cannot have arrived whole. */
  readonly sizeBytes: number;
  /** Called once per request, when it is written. */
  open(): AsyncIterable<Buffer>;
}

/** The body could not be generated: an error of its source, not of the provider. See the cause. */
export class BodyUnreadable extends Error {
  readonly code = "BODY_UNREADABLE";

  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
  }
}

/** A {@link StreamedBody} that is being sent, and knows whether it may have been sent completely. */
export class OutgoingBody {
  readonly stream: Readable;
  readonly #body: StreamedBody;
  readonly #onChunk: () => void;
  #handedOver = 0;

  /** @param onChunk called whenever more of it is requested */
  constructor(body: StreamedBody, onChunk: () => void) {
    this.#body = body;
    this.#onChunk = onChunk;
    this.stream = Readable.from(this.#chunks(), { objectMode: false });
    // Its reader also receives its errors; without a reader, they are irrelevant.
    this.stream.on("error", () => undefined);
  }

  /** True once its last byte may have been sent; false means that no server can have received all of it. */
  get mayBeWhole(): boolean {
    return this.#handedOver >= this.#body.sizeBytes;
  }

  async *#chunks(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of this.#body.open()) {
        if (this.#handedOver + chunk.length > this.#body.sizeBytes) {
          throw new BodyUnreadable("the request's body is longer than declared");
        }
        this.#onChunk();
        this.#handedOver += chunk.length;
        yield chunk;
      }
    } catch (error) {
      throw error instanceof BodyUnreadable ? error : new BodyUnreadable("the request's body could not be read", error);
    }
    if (!this.mayBeWhole) throw new BodyUnreadable("the request's body is shorter than declared");
  }
}
