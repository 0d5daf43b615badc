import type { ServerResponse } from "node:http";

/** Buffer limit for a slow reader. Events beyond it are dropped. */
const MAX_WAITING_BYTES = 64 * 1_024;
/** A reader that accepts nothing for this long is disconnected. */
const STUCK_MS = 60_000;
const PING_MS = 15_000;

/**
 * One reader of server-sent events. Drops events that a slow reader cannot accept, except the newest state, which is
 * sent as soon as there is room. A stalled reader therefore uses a bounded amount of memory.
 */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #ping: NodeJS.Timeout;
  #kept: string | undefined;
  #stuck: NodeJS.Timeout | undefined;

  /** @param response a response that has not been started */
  constructor(response: ServerResponse, headers: Readonly<Record<string, string>>) {
    this.#response = response;
    response.writeHead(200, {
      ...headers,
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store, no-transform",
      "x-accel-buffering": "no",
    });
    response.write("retry: 2000\n\n");
    response.on("drain", () => this.#drained());
    response.on("error", () => response.destroy());
    this.#ping = setInterval(() => {
      if (!response.writableNeedDrain) response.write(": ping\n\n");
    }, PING_MS);
    response.once("close", () => this.#release());
  }

  onClose(listener: () => void): void {
    if (this.#response.closed) listener();
    else this.#response.once("close", listener);
  }

  /** Sends an event that may be dropped. Returns false if it was dropped. */
  offer(name: string, data: unknown): boolean {
    if (this.#isFull()) return false;
    this.#write(frame(name, data));
    return true;
  }

  /** Sends the newest state. If there is no room, keeps it in place of the previous one until there is. */
  state(name: string, data: unknown): void {
    const text = frame(name, data);
    if (this.#isFull()) this.#kept = text;
    else this.#write(text);
  }

  /** Sends the last event. */
  end(name: string, data: unknown): void {
    this.#kept = undefined;
    this.#response.end(frame(name, data));
    this.#watchStuck();
  }

  /** Closes the stream without a last event, so that the reader reconnects. */
  close(): void {
    this.#kept = undefined;
    this.#response.end();
  }

  #isFull(): boolean {
    return this.#response.writableEnded || this.#response.writableLength > MAX_WAITING_BYTES;
  }

  #write(text: string): void {
    this.#kept = undefined;
    if (!this.#response.write(text)) this.#watchStuck();
  }

  #drained(): void {
    clearTimeout(this.#stuck);
    this.#stuck = undefined;
    if (this.#kept !== undefined) this.#write(this.#kept);
  }

  #watchStuck(): void {
    this.#stuck ??= setTimeout(() => this.#response.destroy(), STUCK_MS);
  }

  #release(): void {
    clearInterval(this.#ping);
    clearTimeout(this.#stuck);
  }
}

/** JSON contains no line breaks, so the data is one line. */
function frame(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
