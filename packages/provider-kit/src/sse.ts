import { StringDecoder } from "node:string_decoder";
import { createParser, type EventSourceParser } from "eventsource-parser";
import { parseJson } from "./vendor-json.ts";

/** Maximum length of an event, in characters. No provider sends longer events. */
const MAX_EVENT_CHARS = 8_388_608;

const FIRST_NOT_ASCII = 0x80;

/** The last line of OpenAI-like streams. */
const DONE = "[DONE]";

export interface SseHandler {
  /**
   * Called with one event's parsed data. The next event is delivered only after a returned promise settles. Returns
   * `"last"` when the rest is not needed.
   */
  onEvent(value: unknown): undefined | "last" | Promise<undefined | "last">;
}

/**
 * Parses server-sent events of JSON from raw bytes: split anywhere (even inside a UTF-8 character), with LF, CR or
 * CRLF, with comments and several data lines. Counts and skips data that is not JSON.
 */
export class SseReader {
  /** Number of data lines that were not JSON. */
  malformed = 0;
  /** True once `[DONE]` was read. */
  done = false;
  /** True if an event exceeded {@link MAX_EVENT_CHARS}. Reading stops there. */
  overflowed = false;

  readonly #handler: SseHandler;
  #decoder: StringDecoder | undefined;
  readonly #parser: EventSourceParser;
  #last = false;
  #held: Promise<void> | undefined;
  #waiting: unknown[] | undefined;

  constructor(handler: SseHandler, maxEventChars = MAX_EVENT_CHARS) {
    this.#handler = handler;
    this.#parser = createParser({
      maxBufferSize: maxEventChars,
      onEvent: (event) => this.#take(event.data),
      onError: (error) => {
        if (error.type === "max-buffer-size-exceeded") this.overflowed = true;
      },
    });
  }

  /** True when the rest is not needed. */
  get finished(): boolean {
    return this.#last || this.done || this.overflowed;
  }

  /**
   * Processes the next bytes. If it returns a promise, the caller must not continue until that settles. The promise
   * rejects with the handler's error.
   */
  feed(chunk: Buffer): Promise<void> | undefined {
    if (this.overflowed) return undefined;
    this.#parser.feed(this.#textOf(chunk));
    return this.#held;
  }

  #textOf(chunk: Buffer): string {
    // Bytes that end in an ASCII character, as events do, leave no incomplete character, so few streams need a decoder.
    if (this.#decoder === undefined && (chunk.at(-1) ?? 0) < FIRST_NOT_ASCII) return chunk.toString("utf8");
    this.#decoder ??= new StringDecoder("utf8");
    return this.#decoder.write(chunk);
  }

  #take(data: string): void {
    if (this.finished && this.#waiting === undefined) return;
    if (data.trim() === DONE) {
      this.done = true;
      return;
    }
    const value = parseJson(data);
    if (value === undefined) {
      this.malformed += 1;
      return;
    }
    if (this.#held !== undefined) {
      this.#waiting ??= [];
      this.#waiting.push(value);
      return;
    }
    const result = this.#handler.onEvent(value);
    if (result === "last") this.#last = true;
    else if (result !== undefined) this.#held = this.#drain(result);
  }

  /** Delivers, one by one, the events that arrived in the same bytes as an event that is still being handled. */
  async #drain(first: Promise<undefined | "last">): Promise<void> {
    let result = await first;
    while (result !== "last") {
      const next = this.#waiting?.shift();
      if (next === undefined) break;
      result = await this.#handler.onEvent(next);
    }
    if (result === "last") this.#last = true;
    this.#held = undefined;
    this.#waiting = undefined;
  }
}
