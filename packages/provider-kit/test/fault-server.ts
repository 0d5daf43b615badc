import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface SeenRequest {
  /** For example `POST /chat`, with its query. */
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Call {
  /** For example `POST /chat`, with its query. */
  readonly line: string;
  readonly response: ServerResponse;
  /** Settles when the client has disconnected or the answer is complete. */
  readonly gone: Promise<void>;
}

/** The server's behaviour for one call. */
export type Reply = (call: Call) => void | Promise<void>;

/**
 * A real HTTP server with scripted behaviour per call, in order. A call without a script gets status 599, or the
 * server's default.
 */
export class FaultServer {
  readonly requests: SeenRequest[] = [];
  readonly #replies: Reply[] = [];
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  #otherwise: Reply = ({ response }) => void response.writeHead(599).end();

  static async start(otherwise?: Reply): Promise<FaultServer> {
    const faults = new FaultServer();
    if (otherwise !== undefined) faults.#otherwise = otherwise;
    faults.#server.listen(0, "127.0.0.1");
    await once(faults.#server, "listening");
    return faults;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  plan(...replies: readonly Reply[]): void {
    this.#replies.push(...replies);
  }

  /** Number of currently open connections. */
  connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
    });
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    request.on("error", () => undefined);
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    await once(request, "end");
    const body = Buffer.concat(chunks).toString("utf8");
    const line = `${request.method} ${request.url}`;
    this.requests.push({ line, headers: request.headers, body });
    response.on("error", () => undefined);
    const gone = new Promise<void>((resolve) => void response.on("close", resolve));
    await (this.#replies.shift() ?? this.#otherwise)({ line, response, gone });
  }
}

/** One step of a stream. After the last step, the answer ends in order. */
export type StreamStep =
  | { readonly bytes: string | Buffer }
  | { readonly until: Promise<unknown> }
  /** Drops the connection. */
  | { readonly cut: true }
  /** Sends nothing more, and does not end. */
  | { readonly hang: true }
  /** Sends a comment at this interval (ms), forever. */
  | { readonly trickleMs: number };

export const CUT: StreamStep = { cut: true };
export const HANG: StreamStep = { hang: true };
export const DONE: StreamStep = { bytes: "data: [DONE]\n\n" };

export function bytes(value: string | Buffer): StreamStep {
  return { bytes: value };
}

export function until(promise: Promise<unknown>): StreamStep {
  return { until: promise };
}

/** Returns one event as a `data:` line. */
export function event(value: unknown): StreamStep {
  return bytes(`data: ${JSON.stringify(value)}\n\n`);
}

/** Sends an event stream with these steps. */
export function stream(...steps: readonly StreamStep[]): Reply {
  return async ({ response, gone }) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.flushHeaders();
    for (const step of steps) {
      if ("bytes" in step) await new Promise<void>((resolve) => void response.write(step.bytes, () => resolve()));
      else if ("until" in step) await step.until;
      else if ("cut" in step) response.destroy();
      else if ("hang" in step) return;
      else {
        const timer = setInterval(() => response.write(": still here\n\n"), step.trickleMs);
        await gone;
        clearInterval(timer);
      }
    }
    response.end();
  };
}

/** Sends a complete answer at once. An object is sent as JSON. */
export function answer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return ({ response }) => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const type = typeof body === "string" ? "text/html" : "application/json";
    response.writeHead(status, { "content-type": type, ...headers }).end(text);
  };
}

/** Drops the connection before any answer. */
export const dropped: Reply = ({ response }) => void response.destroy();

/** Sends no answer, not even headers. */
export const silent: Reply = () => undefined;
