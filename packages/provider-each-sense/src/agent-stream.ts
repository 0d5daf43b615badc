import {
  SseReader,
  type EnhanceAnswer,
  type EnhanceHooks,
  type HttpHead,
  type SseHandler,
  type StreamSink,
} from "@darkroom/provider-kit";
import { eventOf, type Dialect } from "./dialect.ts";
import { Turn } from "./turn.ts";

export interface AgentStreamOptions {
  readonly dialect: Dialect;
  readonly hooks: EnhanceHooks;
  /** Removed from every message. */
  readonly secrets: readonly string[];
  readonly nowMs: () => number;
  readonly onHead: (head: HttpHead) => void;
}

/** Reads the answer to one turn: converts bytes to events, and passes the events to a {@link Turn}. */
export class AgentStream implements StreamSink, SseHandler {
  readonly #options: AgentStreamOptions;
  readonly #turn: Turn;
  readonly #reader: SseReader;

  constructor(options: AgentStreamOptions) {
    this.#options = options;
    this.#turn = new Turn(options.hooks, options.secrets, options.nowMs);
    this.#reader = new SseReader(this);
  }

  accepts(head: HttpHead): boolean {
    this.#options.onHead(head);
    const type = String(head.headers["content-type"] ?? "text/event-stream");
    return head.status === 200 && type.toLowerCase().startsWith("text/event-stream");
  }

  feed(chunk: Buffer): Promise<void> | undefined {
    return this.#reader.feed(chunk);
  }

  get finished(): boolean {
    return this.#reader.finished;
  }

  onEvent(value: unknown): undefined | "last" | Promise<undefined | "last"> {
    const event = eventOf(this.#options.dialect, value);
    return event === undefined ? undefined : this.#turn.take(event);
  }

  /** Returns the result of a stream that is over. `[DONE]` is an orderly end. Any other end is a truncation. */
  conclude(): EnhanceAnswer {
    return this.#reader.done ? this.#turn.conclude(this.#turn.noOutput()) : this.#turn.concludeLost(this.#cut());
  }

  /** Returns the result of a stream that broke or was aborted. Events seen before that count. */
  concludeLost(lost: EnhanceAnswer): EnhanceAnswer {
    return this.#reader.done ? this.conclude() : this.#turn.concludeLost(lost);
  }

  #cut(): EnhanceAnswer {
    const { malformed, overflowed } = this.#reader;
    const why = overflowed ? "an event exceeded the maximum length" : "the stream was cut before its end";
    const unread = malformed === 0 ? "" : ` (${malformed} events could not be read)`;
    const message = `each::sense: ${why}${unread}`;
    return { kind: "failed", code: "provider_error", sent: true, billed: "maybe", message };
  }
}
