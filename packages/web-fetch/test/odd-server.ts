import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A real HTTP server whose answers are set per path, and which records requests. */
export class OddServer {
  readonly asked: IncomingMessage[] = [];
  readonly server: Server;

  static async start(answers: Readonly<Record<string, Answer>>): Promise<OddServer> {
    const odd = new OddServer(answers);
    odd.server.listen(0, "127.0.0.1");
    await once(odd.server, "listening");
    return odd;
  }

  constructor(answers: Readonly<Record<string, Answer>>) {
    this.server = createServer((request, response) => {
      this.asked.push(request);
      const answer = answers[request.url ?? ""] ?? answers["*"];
      if (answer === undefined) response.writeHead(599).end();
      else answer(request, response);
    });
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async close(): Promise<void> {
    const closed = once(this.server, "close");
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}

/** An answer that is sent at once. */
export function whole(
  status: number,
  body: string | Buffer = "",
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return (_, response) => void response.writeHead(status, headers).end(body);
}
