import type { Dispatcher } from "undici";

/**
 * A request's text that is released once it is passed to the socket. undici keeps a request's body until its response
 * has ended, which would use most of the memory of thousands of open calls.
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
    // A paid request is sent once. Sending half of its body again would be worse than an error.
    if (text === undefined) throw new Error("the request's body was already sent");
    yield text;
  }

  /** undici accepts any iterable as a body according to its documentation of dispatch, but its types do not. */
  get forDispatch(): NonNullable<Dispatcher.DispatchOptions["body"]> {
    return this as unknown as NonNullable<Dispatcher.DispatchOptions["body"]>;
  }
}
