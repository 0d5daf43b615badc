import type { Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw, createZstdDecompress } from "node:zlib";
import type { Dispatcher } from "undici";

type Headers = Record<string, string | string[] | undefined>;
type Handler = Dispatcher.DispatchHandler;
type Controller = Dispatcher.DispatchController;

/** Maximum number of encodings of one response. More indicate an attack. */
const MOST_CODINGS = 3;
/** The low half of a zlib header's first byte. A raw deflate stream begins differently. */
const ZLIB_METHOD = 8;

/**
 * Decodes a response that is compressed although a plain one was requested, and sets its `content-encoding` to
 * `identity`. Decodes the bytes as they arrive, no faster than the reader reads them. The reader limits the total.
 * Reports a broken connection only after all earlier bytes were delivered.
 */
export class DecodingHandler implements Handler {
  readonly #inner: Handler;
  #decoder: Decoder | undefined;

  constructor(inner: Handler) {
    this.#inner = inner;
  }

  onRequestStart(controller: Controller, context: unknown): void {
    this.#inner.onRequestStart?.(controller, context);
  }

  onResponseStart(controller: Controller, status: number, headers: Headers, statusText?: string): void {
    const codings = codingsOf(headers["content-encoding"]);
    if (status < 200 || !isDecodable(codings)) {
      this.#inner.onResponseStart?.(controller, status, headers, statusText);
      return;
    }
    this.#decoder = new Decoder(this.#inner, controller, codings);
    const { "content-length": _, ...rest } = headers;
    const plain = { ...rest, "content-encoding": "identity" };
    this.#inner.onResponseStart?.(this.#decoder.controller, status, plain, statusText);
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.#decoder === undefined) this.#inner.onResponseData?.(controller, chunk);
    else this.#decoder.write(chunk);
  }

  onResponseEnd(controller: Controller, trailers: Headers): void {
    if (this.#decoder === undefined) this.#inner.onResponseEnd?.(controller, trailers);
    else this.#decoder.end(trailers);
  }

  onResponseError(controller: Controller, error: Error): void {
    if (this.#decoder === undefined) this.#inner.onResponseError?.(controller, error);
    else this.#decoder.fail(error);
  }
}

function codingsOf(header: string | string[] | undefined): readonly string[] {
  const text = Array.isArray(header) ? header.join(",") : (header ?? "");
  return text
    .toLowerCase()
    .split(",")
    .map((coding) => coding.trim())
    .filter((coding) => coding !== "" && coding !== "identity");
}

function isDecodable(codings: readonly string[]): boolean {
  return codings.length > 0 && codings.length <= MOST_CODINGS && codings.every((coding) => KNOWN.has(coding));
}

const KNOWN: ReadonlySet<string> = new Set(["gzip", "x-gzip", "br", "deflate", "zstd"]);

function streamFor(coding: string, first: Buffer): Transform {
  switch (coding) {
    case "br":
      return createBrotliDecompress();
    case "zstd":
      return createZstdDecompress();
    case "deflate":
      // Some servers send a raw deflate stream under this name.
      return ((first[0] ?? 0) & 0x0f) === ZLIB_METHOD ? createInflate() : createInflateRaw();
    default:
      return createGunzip();
  }
}

/** Decompresses a response. Created when its first bytes arrive. */
class Decoder {
  readonly #inner: Handler;
  readonly #outer: Controller;
  /** In the order in which the server applied the encodings, so they are removed in reverse. */
  readonly #codings: readonly string[];
  readonly controller: Controller;
  #streams: readonly Transform[] = [];
  #paused = false;
  #full = false;
  #failure: Error | undefined;
  #ended = false;
  #told = false;
  #unwritten = 0;

  constructor(inner: Handler, outer: Controller, codings: readonly string[]) {
    this.#inner = inner;
    this.#outer = outer;
    this.#codings = codings;
    this.controller = this.#controllerOf(outer);
  }

  write(chunk: Buffer): void {
    const [first] = this.#streams.length > 0 ? this.#streams : this.#open(chunk);
    if (first === undefined || first.destroyed) return;
    this.#unwritten += 1;
    const hasRoom = first.write(chunk, () => {
      this.#unwritten -= 1;
      this.#tellFailure();
    });
    if (hasRoom) return;
    this.#full = true;
    this.#outer.pause();
  }

  end(trailers: Headers): void {
    this.#ended = true;
    const last = this.#streams.at(-1);
    if (last === undefined) {
      this.#inner.onResponseEnd?.(this.controller, trailers);
      return;
    }
    last.once("end", () => {
      if (this.#told) return;
      this.#told = true;
      this.#inner.onResponseEnd?.(this.controller, trailers);
    });
    this.#streams[0]?.end();
  }

  fail(error: Error): void {
    this.#failure ??= error;
    this.#tellFailure();
  }

  #open(first: Buffer): readonly Transform[] {
    const [outermost = "gzip", ...inner] = this.#codings.toReversed();
    // The first bytes of an inner encoding are not available yet, so an inner deflate is assumed to be zlib.
    const streams = [streamFor(outermost, first), ...inner.map((coding) => streamFor(coding, Buffer.of(ZLIB_METHOD)))];
    for (const [nth, stream] of streams.entries()) {
      stream.on("error", (error) => this.#broken(error));
      const next = streams[nth + 1];
      if (next === undefined) stream.on("data", (chunk: Buffer) => this.#handOver(chunk));
      else stream.pipe(next);
    }
    streams[0]?.on("drain", () => {
      this.#full = false;
      if (!this.#paused) this.#outer.resume();
    });
    this.#streams = streams;
    return streams;
  }

  #handOver(chunk: Buffer): void {
    if (this.#told) return;
    this.#inner.onResponseData?.(this.controller, chunk);
    this.#tellFailure();
  }

  /** Called when the bytes do not match the encoding. */
  #broken(error: Error): void {
    this.#failure ??= error;
    this.#unwritten = 0;
    if (!this.#ended && !this.#outer.aborted) this.#outer.abort(error);
    this.#tellFailure();
  }

  /** Reports an error once all data that arrived before it was delivered. */
  #tellFailure(): void {
    if (this.#failure === undefined || this.#told) return;
    const [only] = this.#streams;
    const isBusy = this.#unwritten > 0 || (only !== undefined && !only.destroyed && only.readableLength > 0);
    // Does not wait for bytes between several decoders, because real servers do not send such responses.
    if (isBusy && this.#streams.length === 1) return;
    this.#told = true;
    for (const stream of this.#streams) stream.destroy();
    this.#inner.onResponseError?.(this.controller, this.#failure);
  }

  #controllerOf(outer: Controller): Controller {
    const isPaused = (): boolean => this.#paused;
    return {
      get aborted() {
        return outer.aborted;
      },
      get paused() {
        return isPaused();
      },
      get reason() {
        return outer.reason;
      },
      rawHeaders: null,
      rawTrailers: null,
      pause: () => {
        this.#paused = true;
        this.#streams.at(-1)?.pause();
        outer.pause();
      },
      resume: () => {
        this.#paused = false;
        this.#streams.at(-1)?.resume();
        if (!this.#full) outer.resume();
      },
      abort: (reason: Error) => {
        this.#told ||= this.#ended;
        this.#unwritten = 0;
        for (const stream of this.#streams) stream.destroy();
        outer.abort(reason);
      },
    };
  }
}
