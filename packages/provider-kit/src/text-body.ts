import type { Dispatcher } from "undici";

/**
 * A request's text, let go as soon as it is handed to the socket. undici keeps a request's body until its answer has
 * ended, which for thousands of open calls is most of what they hold; of this body nothing is left by then.
 */
export class TextBody implements AsyncIterable<string> {
  readonly sizeBytes: number;
  #text: string | undefined;

  constructor(text: string) {
    this.sizeBytes = Buffer.byteLength(text);
    this.#text = text;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    const text = this.#text;
    this.#text = undefined;
    // A paid request is sent once; half of its body a second time would be worse than an error.
    if (text === undefined) throw new Error("the request's body has been sent before");
    yield text;
  }

  /** As undici takes it: any iterable will do (its page on dispatch says so, its types do not). */
  get forDispatch(): NonNullable<Dispatcher.DispatchOptions["body"]> {
    return this as unknown as NonNullable<Dispatcher.DispatchOptions["body"]>;
  }
}
