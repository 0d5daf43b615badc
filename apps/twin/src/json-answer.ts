import type { ServerResponse } from "node:http";
import type { Dialect } from "./chat-request.ts";
import type { EventSink, SenseEvent } from "./sense-event.ts";

/** A complete answer that can be sent again. */
export interface WholeAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface JsonAnswerOptions {
  readonly response: ServerResponse;
  readonly headers: Readonly<Record<string, string>>;
  readonly dialect: Dialect;
  readonly taskId: string;
  readonly onClose: () => void;
  /** Receives the answer, even if the client has disconnected. */
  readonly onAnswer?: (answer: WholeAnswer) => void;
}

/** Collects an exchange and sends one JSON body, for requests with `stream: false`. */
export class JsonAnswer implements EventSink {
  readonly #options: JsonAnswerOptions;
  readonly #texts: string[] = [];
  #last: SenseEvent | undefined;
  #question: SenseEvent | undefined;
  #left = false;

  constructor(options: JsonAnswerOptions) {
    this.#options = options;
    options.response.on("close", () => {
      this.#left = true;
      options.onClose();
    });
  }

  get left(): boolean {
    return this.#left;
  }

  send(event: SenseEvent): void {
    this.#last = event;
    if (event.type === "text_response" || event.type === "message") this.#texts.push(event.content);
    if (event.type === "clarification_needed") this.#question = event;
  }

  done(): void {
    // A JSON answer needs no end mark.
  }

  end(): void {
    const { response, headers, onAnswer } = this.#options;
    const failed = this.#last?.type === "error";
    const status = this.#last?.type !== "error" ? 200 : this.#last.error_code === "SESSION_BUSY" ? 409 : 500;
    const content = this.#texts.join("\n");
    const own = {
      ...this.#last,
      ...(failed ? {} : { content }),
      ...(this.#question === undefined ? {} : { clarification: this.#question }),
    };
    const body = this.#options.dialect === "chat" || failed ? own : this.#completion(content, own);
    onAnswer?.({ status, body });
    if (this.#left) return;
    response.writeHead(status, { ...headers, "Content-Type": "application/json" });
    response.end(JSON.stringify(body));
  }

  /** Returns a complete answer in OpenAI's form, with the event in the extra key. */
  #completion(content: string, event: unknown): unknown {
    return {
      id: this.#options.taskId,
      object: "chat.completion",
      created: Math.floor(Date.now() / 1_000),
      model: "eachsense/beta",
      choices: [{ index: 0, message: { role: "assistant", content, refusal: null }, finish_reason: "stop" }],
      eachlabs: event,
    };
  }
}
