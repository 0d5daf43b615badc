import { StringDecoder } from "node:string_decoder";
import type { Dispatcher } from "undici";
import type { Deadline, EndedBy } from "./deadline.ts";
import { BodyUnreadable, OutgoingBody, type StreamedBody } from "./streamed-body.ts";
import { TextBody } from "./text-body.ts";

/** Maximum length kept of a response that is not a stream, in bytes. */
export const MAX_BODY_BYTES = 4_194_304;
/** How long to wait for the orderly end of a stream after its last event, so that the connection can be reused. */
const LINGER_MS = 1_000;

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly origin: string;
  /** Includes the query, if any. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | StreamedBody;
}

export interface HttpHead {
  readonly status: number;
  /** Names are in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Consumes a response as it arrives. */
export interface StreamSink {
  /** Returns true if this response is the requested stream. Any other response is collected as text. */
  accepts(head: HttpHead): boolean;
  /** Processes a chunk. Reading pauses until a returned promise settles. An error ends the exchange. */
  feed(chunk: Buffer): Promise<void> | undefined;
  /** True when the rest of the response is not needed. */
  readonly finished: boolean;
}

/** The outcome of an exchange. */
export type Exchange =
  /** A complete response that is not a stream; `truncated` at {@link MAX_BODY_BYTES}. */
  | { readonly kind: "answered"; readonly head: HttpHead; readonly text: string; readonly truncated: boolean }
  /** The sink consumed a response to its orderly end, or needed no more of it. */
  | { readonly kind: "streamed" }
  /**
   * The connection broke or could not be made. `sent` is false only if no byte of the request was written, or its
   * {@link StreamedBody} was incomplete, so that no server could act on it. The error is a {@link BodyUnreadable} if
   * the body caused it. `connected` is false if no connection accepted the request.
   */
  | { readonly kind: "failed"; readonly sent: boolean; readonly connected: boolean; readonly error: Error }
  /** The deadline, the idle limit or the caller ended the exchange. */
  | { readonly kind: "ended"; readonly by: EndedBy; readonly sent: boolean; readonly connected: boolean };

/** The outcome of an exchange without a sink. */
export type PlainExchange = Exclude<Exchange, { readonly kind: "streamed" }>;

/**
 * Sends one HTTP request and reads its response. Follows no redirects and retries nothing, because a paid request must
 * be sent once. Rejects only with the sink's error. Uses undici's `dispatch`, the only interface that reveals whether
 * the request was written, which is also the cheapest per open stream.
 */
export function exchange(agent: Dispatcher, request: HttpRequest, deadline: Deadline): Promise<PlainExchange>;
export function exchange(
  agent: Dispatcher,
  request: HttpRequest,
  deadline: Deadline,
  sink: StreamSink,
): Promise<Exchange>;
export function exchange(
  agent: Dispatcher,
  request: HttpRequest,
  deadline: Deadline,
  sink?: StreamSink,
): Promise<Exchange> {
  if (deadline.endedBy !== undefined) {
    return Promise.resolve({ kind: "ended", by: deadline.endedBy, sent: false, connected: false });
  }
  const outgoing = outgoingOf(request.body, deadline);
  const { promise, resolve, reject } = Promise.withResolvers<Exchange>();
  const handler = new ExchangeHandler(deadline, sink, outgoing, resolve, reject);
  endWith(deadline, handler);
  dispatch(agent, request, outgoing, handler);
  return promise;
}

// Long-lived state is created in this function, outside of the request's scope: a closure keeps its whole scope alive,
// and thousands of calls are open at once.

function outgoingOf(body: HttpRequest["body"], deadline: Deadline): OutgoingBody | undefined {
  // A long upload does not count as silence.
  return isStreamed(body) ? new OutgoingBody(body, () => deadline.touch()) : undefined;
}

function endWith(deadline: Deadline, handler: ExchangeHandler): void {
  deadline.onEnd((by) => handler.end(by));
}

function dispatch(
  agent: Dispatcher,
  { origin, path, method, headers, body }: HttpRequest,
  outgoing: OutgoingBody | undefined,
  handler: ExchangeHandler,
): void {
  const text = typeof body === "string" ? new TextBody(body) : undefined;
  const sizeBytes = isStreamed(body) ? body.sizeBytes : text?.sizeBytes;
  agent.dispatch(
    {
      origin,
      path,
      method,
      headers: { ...headers, ...(sizeBytes === undefined ? {} : { "content-length": String(sizeBytes) }) },
      body: outgoing?.stream ?? text?.forDispatch ?? (body instanceof Uint8Array ? body : null),
      // The deadline covers all silence, including that before the headers.
      headersTimeout: 0,
      bodyTimeout: 0,
    },
    handler,
  );
}

function isStreamed(body: HttpRequest["body"]): body is StreamedBody {
  return typeof body === "object" && "open" in body;
}

class ExchangeHandler implements Dispatcher.DispatchHandler {
  readonly #deadline: Deadline;
  readonly #sink: StreamSink | undefined;
  readonly #outgoing: OutgoingBody | undefined;
  readonly #resolve: (result: Exchange) => void;
  readonly #reject: (error: unknown) => void;
  #controller: Dispatcher.DispatchController | undefined;
  /** Head of a response that is not a stream. */
  #head: HttpHead | undefined;
  #streaming = false;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #settled = false;
  /** True while the sink is busy. An end that arrives in the meantime waits for the sink. */
  #held = false;
  #pendingEnd: Exchange | undefined;
  #linger: NodeJS.Timeout | undefined;

  constructor(
    deadline: Deadline,
    sink: StreamSink | undefined,
    outgoing: OutgoingBody | undefined,
    resolve: (result: Exchange) => void,
    reject: (error: unknown) => void,
  ) {
    this.#deadline = deadline;
    this.#sink = sink;
    this.#outgoing = outgoing;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  get #connected(): boolean {
    return this.#controller !== undefined;
  }

  get #sent(): boolean {
    return this.#connected && (this.#outgoing?.mayBeWhole ?? true);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // The call ended while waiting for a connection, so nothing was or will be written.
    if (this.#settled) controller.abort(new Error("the call has ended"));
    else this.#controller = controller;
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return;
    this.#deadline.touch();
    // Cleared, because each would keep the whole first chunk in memory for the duration of the response.
    controller.rawHeaders = null;
    const head = { status, headers };
    this.#streaming = this.#sink?.accepts(head) ?? false;
    if (!this.#streaming) this.#head = head;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return;
    this.#deadline.touch();
    if (!this.#streaming || this.#sink === undefined) {
      this.#gather(chunk);
      return;
    }
    let held: Promise<void> | undefined;
    try {
      held = this.#sink.feed(chunk);
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (held === undefined) this.#lingerIfFinished();
    else if (!this.#held) this.#hold(controller, held);
  }

  onResponseEnd(): void {
    if (this.#streaming) this.#settle({ kind: "streamed" });
    else if (this.#head !== undefined) this.#settle(this.#answered(this.#head, false));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const own = this.#outgoing?.stream.errored;
    const cause = own instanceof BodyUnreadable ? own : error;
    this.#settle({ kind: "failed", sent: this.#sent, connected: this.#connected, error: cause });
  }

  end(by: EndedBy): void {
    this.#settle({ kind: "ended", by, sent: this.#sent, connected: this.#connected });
    this.#abort();
  }

  #hold(controller: Dispatcher.DispatchController, held: Promise<void>): void {
    this.#held = true;
    controller.pause();
    this.#deadline.hold();
    held.then(
      () => {
        this.#held = false;
        if (this.#pendingEnd !== undefined) {
          this.#settle(this.#pendingEnd);
          return;
        }
        this.#deadline.release();
        this.#lingerIfFinished();
        controller.resume();
      },
      (error: unknown) => this.#fail(error),
    );
  }

  #gather(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes <= MAX_BODY_BYTES || this.#head === undefined) return;
    this.#settle(this.#answered(this.#head, true));
    this.#abort();
  }

  #answered(head: HttpHead, truncated: boolean): Exchange {
    const bytes = Buffer.concat(this.#chunks).subarray(0, MAX_BODY_BYTES);
    return { kind: "answered", head, text: new StringDecoder("utf8").write(bytes), truncated };
  }

  #lingerIfFinished(): void {
    if (this.#linger !== undefined || this.#sink?.finished !== true) return;
    this.#linger = setTimeout(() => {
      this.#settle({ kind: "streamed" });
      this.#abort();
    }, LINGER_MS);
  }

  #fail(error: unknown): void {
    if (this.#settled) return;
    this.#finish();
    this.#reject(error);
    this.#abort();
  }

  #settle(result: Exchange): void {
    if (this.#settled) return;
    if (this.#held) {
      this.#pendingEnd ??= result;
      return;
    }
    this.#finish();
    this.#resolve(result);
  }

  #finish(): void {
    this.#settled = true;
    this.#chunks = [];
    clearTimeout(this.#linger);
    this.#outgoing?.stream.destroy();
  }

  #abort(): void {
    this.#controller?.abort(new Error("the call has ended"));
  }
}
