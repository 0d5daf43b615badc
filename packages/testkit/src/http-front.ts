import { once } from "node:events";
import { createServer, request, type ClientRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface FrontRules {
  /** Answers a request itself and says true; any other goes on, once it is said. */
  readonly answers?: (message: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;
  /** Sends a request's body on; says false to have it sent whole. */
  readonly sends?: (message: IncomingMessage, onward: ClientRequest) => boolean;
}

/**
 * A real server that stands before another one and passes requests on as they come, with the caller's `Host`, but for
 * what its rules say. Whoever goes away takes the other side of the request with it.
 *
 * @param target may be named later, by `passTo`
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
    /** Where requests go on to from now on. */
    passTo: (url: string) => void (onto = new URL(url)),
    /** From now on its port refuses connections; those that are open are cut. */
    sever: close,
    /** Its port takes connections again. */
    restore: async () => await listen(port),
    close,
  };
}
