import { once } from "node:events";
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Random } from "./random.ts";

/** The proxy's interference with a request. */
export type StoreFault = "refused" | "cut-before" | "cut-after" | "cut-body";

const FAULTS: readonly StoreFault[] = ["refused", "cut-before", "cut-after", "cut-body"];
const SLOW_DOWN =
  '<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>';

/** A proxy in front of a real S3 server that, on request, responds with 503 or closes connections. */
export interface StoreProxy {
  readonly url: string;
  /** Number of faults so far. */
  readonly faults: Readonly<Record<StoreFault, number>>;
  /** Sets the share of requests that fail; 0 for none. */
  storm(share: number): void;
  close(): Promise<void>;
}

/** Keeps the caller's `Host`, because S3 requests are signed with it. */
export async function startStoreProxy(endpoint: string, random: Random): Promise<StoreProxy> {
  const target = new URL(endpoint);
  const agent = new Agent({ keepAlive: true });
  const faults: Record<StoreFault, number> = { refused: 0, "cut-before": 0, "cut-after": 0, "cut-body": 0 };
  let share = 0;
  const draw = (): StoreFault | undefined => {
    if (share === 0 || random() >= share) return undefined;
    const fault = FAULTS[Math.floor(random() * FAULTS.length)];
    if (fault !== undefined) faults[fault] += 1;
    return fault;
  };

  const answer = (message: IncomingMessage, response: ServerResponse): void => {
    const fault = draw();
    if (fault === "cut-before") return void message.socket.resetAndDestroy();
    if (fault === "refused") {
      message.resume();
      response.writeHead(503, { "content-type": "application/xml", "content-length": SLOW_DOWN.length });
      response.end(SLOW_DOWN);
      return;
    }
    const { method, url, headers } = message;
    const onward = request({ agent, host: target.hostname, port: target.port, method, path: url, headers });
    onward.on("error", () => response.destroy());
    onward.on("response", (upstream) => {
      // The store has executed the request, and only its response is lost.
      if (fault === "cut-after") {
        upstream.resume();
        message.socket.resetAndDestroy();
        return;
      }
      response.writeHead(upstream.statusCode ?? 502, upstream.headers);
      if (fault === "cut-body") {
        response.flushHeaders();
        upstream.once("data", (chunk: Buffer) => {
          response.write(chunk.subarray(0, Math.floor(chunk.length / 2)), () => message.socket.destroy());
        });
        upstream.once("end", () => message.socket.destroy());
        upstream.on("error", () => undefined);
        return;
      }
      upstream.on("error", () => response.destroy());
      upstream.pipe(response);
    });
    message.on("error", () => onward.destroy());
    message.pipe(onward);
  };

  const server = createServer({ keepAliveTimeout: 60_000 }, answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults,
    storm: (next) => (share = next),
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
}
