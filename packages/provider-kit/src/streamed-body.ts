import { Readable } from "node:stream";

/** A request's body that is generated while it is written, so that it is never completely in memory. */
export interface StreamedBody {
  /**
   * Exact length of the body. A body of a different length aborts the request, which then cannot have arrived
   * completely.
   */
  readonly sizeBytes: number;
  /** Called once per request, when it is written. */
  open(): AsyncIterable<Buffer>;
}

/**
 * The body could not be generated, because of its source and not of the provider. The error's `cause` has the details.
 */
export class BodyUnreadable extends Error {
  readonly code = "BODY_UNREADABLE";

  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
  }
}

/** A {@link StreamedBody} that is being sent, which tracks whether it may have been sent completely. */
export class OutgoingBody {
  readonly stream: Readable;
  readonly #body: StreamedBody;
  readonly #onChunk: () => void;
  #handedOver = 0;

  /** @param onChunk called whenever another chunk is requested */
  constructor(body: StreamedBody, onChunk: () => void) {
    this.#body = body;
    this.#onChunk = onChunk;
    this.stream = Readable.from(this.#chunks(), { objectMode: false });
    // The stream's reader also receives its errors. Without a reader, they are irrelevant.
    this.stream.on("error", () => undefined);
  }

  /** True once the last byte may have been sent. False means that no server can have received the whole body. */
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
