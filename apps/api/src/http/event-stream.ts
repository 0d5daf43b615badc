import type { ServerResponse } from "node:http";

/** Buffer limit for a slow reader. Beyond it, live events are dropped, and events of the feed wait. */
const MAX_WAITING_BYTES = 64 * 1_024;
/** Time without progress after which a reader is disconnected. */
const STUCK_MS = 60_000;
const PING_MS = 15_000;

/**
 * One reader of server-sent events. Drops live events that a slow reader cannot accept. Until there is room, keeps only
 * the newest state, and makes the sender of feed events wait. A stalled reader therefore uses a bounded amount of
 * memory.
 */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #ping: NodeJS.Timeout;
  #kept: string | undefined;
  #onRoom: (() => void)[] = [];
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

  /** Sends the newest state. While the connection's buffer is full, keeps only the newest state. */
  state(name: string, data: unknown): void {
    const text = frame(name, data);
    if (this.#isFull()) {
      this.#kept = text;
      return;
    }
    this.#kept = undefined;
    this.#write(text);
  }

  /** Sends an event of the feed once the stream has room. */
  async deliver(id: string | undefined, name: string, data: unknown): Promise<boolean> {
    while (!this.#isClosed() && this.#isFull()) await new Promise<void>((resolve) => this.#onRoom.push(resolve));
    if (this.#isClosed()) return false;
    this.#write(frame(name, data, id));
    return true;
  }

  /** Sends the position at which the reader continues after a lost connection, without an event. */
  place(id: string): void {
    if (!this.#isClosed()) this.#write(`id: ${id}\n\n`);
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

  #isClosed(): boolean {
    return this.#response.writableEnded || this.#response.destroyed;
  }

  #isFull(): boolean {
    return this.#response.writableEnded || this.#response.writableLength > MAX_WAITING_BYTES;
  }

  #write(text: string): void {
    if (!this.#response.write(text)) this.#watchStuck();
  }

  #drained(): void {
    clearTimeout(this.#stuck);
    this.#stuck = undefined;
    const kept = this.#kept;
    this.#kept = undefined;
    if (kept !== undefined) this.#write(kept);
    this.#letSend();
  }

  /** Wakes the senders that wait for room. */
  #letSend(): void {
    const waiting = this.#onRoom;
    this.#onRoom = [];
    for (const send of waiting) send();
  }

  #watchStuck(): void {
    this.#stuck ??= setTimeout(() => this.#response.destroy(), STUCK_MS);
  }

  #release(): void {
    clearInterval(this.#ping);
    clearTimeout(this.#stuck);
    this.#letSend();
  }
}

/** JSON contains no line breaks, so the data is one line. */
function frame(name: string, data: unknown, id?: string): string {
  return `${id === undefined ? "" : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
