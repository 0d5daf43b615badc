import { once } from "node:events";
import { createServer, request, type ClientRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface FrontRules {
  /** Responds to a request itself and returns true. Returns false to forward the request. */
  readonly answers?: (message: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;
  /** Forwards a request's body itself and returns true. Returns false to send the body unchanged. */
  readonly sends?: (message: IncomingMessage, onward: ClientRequest) => boolean;
}

/**
 * Starts a real server that streams requests to another server, with the caller's `Host`, except as its rules specify.
 * When one side disconnects, the other side is closed.
 *
 * @param target may be set later with `passTo`
 */
export async function startHttpFront(target: string | undefined, { answers, sends }: FrontRules) {
  let onto = target === undefined ? undefined : new URL(target);
  const take = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    if ((await answers?.(message, response)) === true) {
      message.resume();
      return;
    }
    const { method, url = "/", headers } = message;
    const onward = request({ host: onto?.hostname, port: onto?.port, method, path: url, headers });
    onward.on("error", () => response.destroy());
    onward.on("response", (upstream) => {
      response.writeHead(upstream.statusCode ?? 502, upstream.headers);
      upstream.on("error", () => response.destroy());
      upstream.pipe(response);
    });
    message.on("error", () => onward.destroy());
    response.on("close", () => onward.destroy());
    if (sends?.(message, onward) !== true) message.pipe(onward);
  };
  const server = createServer((message, response) => void take(message, response));
  const listen = async (port: number): Promise<void> => {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  };
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    /** Sets the server to forward to. */
    passTo: (url: string) => void (onto = new URL(url)),
    /** Refuses new connections and closes open ones. */
    sever: close,
    /** Accepts connections again. */
    restore: async () => await listen(port),
    close,
  };
}
