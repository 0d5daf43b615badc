import type { ServerResponse } from "node:http";
import type { EventSink, SenseEvent } from "./sense-event.ts";

/** Collects an exchange and answers it as one JSON body, for requests with `stream: false`. */
export class JsonAnswer implements EventSink {
  readonly #response: ServerResponse;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #texts: string[] = [];
  #last: SenseEvent | undefined;
  #question: SenseEvent | undefined;
  #left = false;

  constructor(response: ServerResponse, headers: Readonly<Record<string, string>>, onClose: () => void) {
    this.#response = response;
    this.#headers = headers;
    response.on("close", () => {
      this.#left = true;
      onClose();
    });
  }

  get left(): boolean {
    return this.#left;
  }

  send(event: SenseEvent): void {
    this.#last = event;
    if (event.type === "text_response") this.#texts.push(event.content);
    if (event.type === "clarification_needed") this.#question = event;
  }

  done(): void {
    // A JSON answer is complete by itself.
  }

  end(): void {
    if (this.#left) return;
    const failed = this.#last?.type === "error";
    const status = this.#last?.type !== "error" ? 200 : this.#last.error_code === "SESSION_BUSY" ? 409 : 500;
    const body = {
      ...this.#last,
      ...(failed ? {} : { content: this.#texts.join("\n") }),
      ...(this.#question === undefined ? {} : { clarification: this.#question }),
    };
    this.#response.writeHead(status, { ...this.#headers, "Content-Type": "application/json" });
    this.#response.end(JSON.stringify(body));
  }
}
