import type { ServerResponse } from "node:http";
import type { Dialect } from "./chat-request.ts";
import type { Fault, FaultKind } from "./fault.ts";
import { asChunk, type EventSink, type SenseEvent } from "./sense-event.ts";
import type { TwinClock } from "./twin-clock.ts";

export interface EventStreamOptions {
  readonly response: ServerResponse;
  readonly headers: Readonly<Record<string, string>>;
  readonly dialect: Dialect;
  readonly taskId: string;
  readonly fault: Fault | undefined;
  readonly clock: TwinClock;
  readonly onClose: () => void;
}

/** Faults whose stream never ends in order, however short. */
const CUTS: ReadonlySet<FaultKind | undefined> = new Set<FaultKind>([
  "cut_after_events",
  "cut_after_generation",
  "cut_mid_event",
  "memory_lost",
]);

/** Writes an exchange as SSE (provider contract A.4), with the requested wire faults. */
export class EventStream implements EventSink {
  readonly #options: EventStreamOptions;
  readonly #lineEnd: string;
  #events = 0;
  #written: Promise<void> = Promise.resolve();
  /** `muted` keeps the connection open but sends no more of the exchange. */
  #state: "open" | "muted" | "closed" = "open";

  constructor(options: EventStreamOptions) {
    this.#options = options;
    const { response, headers, fault } = options;
    this.#lineEnd = fault?.kind === "crlf" ? "\r\n" : "\n";
    response.on("close", () => {
      this.#state = "closed";
      options.onClose();
    });
    response.on("error", () => {
      this.#state = "closed";
    });
    if (fault?.kind === "reset_after_accept") {
      response.socket?.resetAndDestroy();
      this.#state = "closed";
    } else if (fault?.kind === "no_headers") {
      this.#state = "muted";
    } else {
      response.writeHead(200, { ...headers, "Content-Type": "text/event-stream", "Cache-Control": "no-cache" });
      response.flushHeaders();
      this.#afterEvent();
    }
  }

  get left(): boolean {
    return this.#state === "closed";
  }

  send(event: SenseEvent): void {
    if (this.#state !== "open") return;
    const { fault } = this.#options;
    const data = this.#encode(event);
    const isOutput = event.type === "generation_response";
    if (fault?.kind === "cut_mid_event" && isOutput) {
      const bytes = Buffer.from(this.#frame(data));
      this.#cutAfter(bytes.subarray(0, Math.floor(bytes.length / 2)));
      return;
    }
    this.#write(this.#frame(data));
    if (fault?.kind === "cut_after_generation" && isOutput) this.#cutAfter("");
    else this.#afterEvent();
  }

  end(): void {
    if (this.#state !== "open") return;
    if (CUTS.has(this.#options.fault?.kind)) this.#cutAfter("");
    else void this.#written.then(() => this.#options.response.end());
  }

  /** Writes the last line of a stream that ended in order. */
  done(): void {
    if (this.#state === "open") this.#write(this.#frame("[DONE]"));
  }

  #encode(event: SenseEvent): string {
    const { dialect, taskId } = this.#options;
    return JSON.stringify(dialect === "chat" ? event : asChunk(taskId, event));
  }

  #frame(data: string): string {
    return `data: ${data}${this.#lineEnd}${this.#lineEnd}`;
  }

  #write(text: string): void {
    this.#events += 1;
    const { response, fault } = this.#options;
    if (fault?.kind !== "split_utf8") {
      response.write(text);
      return;
    }
    this.#written = this.#written.then(() => this.#writeSplit(Buffer.from(text)));
  }

  /** Starts a new packet within every multi-byte character, so that decoding packet by packet fails. */
  async #writeSplit(bytes: Buffer): Promise<void> {
    const { response } = this.#options;
    let start = 0;
    for (let at = 1; at <= bytes.length; at += 1) {
      const continues = ((bytes[at] ?? 0) & 0xc0) === 0x80;
      if (!continues && at < bytes.length) continue;
      response.write(bytes.subarray(start, at));
      await new Promise((resolve) => setImmediate(resolve));
      start = at;
    }
  }

  #afterEvent(): void {
    const { fault } = this.#options;
    if (fault === undefined) return;
    if (fault.kind === "cut_after_events" || fault.kind === "memory_lost") {
      if (this.#events >= fault.events) this.#cutAfter("");
    } else if (fault.kind === "silence" || fault.kind === "trickle") {
      if (this.#events < fault.afterEvents) return;
      this.#state = "muted";
      if (fault.kind === "trickle") void this.#trickle(fault.everyMs);
    }
  }

  async #trickle(everyMs: number): Promise<void> {
    while (!this.left) {
      this.#write(this.#frame(this.#encode({ type: "thinking_delta", content: "Still thinking… " })));
      await this.#options.clock.sleep(Math.max(everyMs, 1));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Sends the bytes, then closes the connection without ending the response. */
  #cutAfter(bytes: Uint8Array | string): void {
    const { response } = this.#options;
    this.#state = "closed";
    if (bytes.length > 0) response.write(bytes);
    const { socket } = response;
    // The response passes its chunks to the socket at the end of the tick.
    setImmediate(() => socket?.end(() => socket.destroy()));
  }
}
