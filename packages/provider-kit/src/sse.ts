import { StringDecoder } from "node:string_decoder";
import { createParser, type EventSourceParser } from "eventsource-parser";
import { parseJson } from "./vendor-json.ts";

/** The longest event that is taken, in characters; a longer one is no event of any provider. */
const MAX_EVENT_CHARS = 8_388_608;

const FIRST_NOT_ASCII = 0x80;

/** The line with which OpenAI-like streams end. */
const DONE = "[DONE]";

export interface SseHandler {
  /**
   * One event's data, parsed. While a returned promise is open no further event is handed over. Return `"last"` when
   * nothing that may follow matters.
   */
  onEvent(value: unknown): undefined | "last" | Promise<undefined | "last">;
}

/**
 * Reads server-sent events of JSON from raw bytes: split anywhere (also inside a UTF-8 character), with LF, CR or CRLF,
 * with comments and several data lines. Data that is no JSON is counted and passed over.
 */
export class SseReader {
  /** Data lines that were no JSON. */
  malformed = 0;
  /** True once `[DONE]` was read. */
  done = false;
  /** True when an event grew beyond {@link MAX_EVENT_CHARS}; nothing is read after it. */
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

  /** True when whatever follows does not matter. */
  get finished(): boolean {
    return this.#last || this.done || this.overflowed;
  }

  /** Takes the next bytes. A promise means: read no further until it settles. It rejects with the handler's error. */
  feed(chunk: Buffer): Promise<void> | undefined {
    if (this.overflowed) return undefined;
    this.#parser.feed(this.#textOf(chunk));
    return this.#held;
  }

  #textOf(chunk: Buffer): string {
    // Nothing is left over of bytes that end in an ASCII character, as events do: few streams need a decoder.
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

  /** Hands over, one after the other, what came in the same bytes as an event that is still being dealt with. */
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
