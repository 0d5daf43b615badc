import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * Passes requests on to a twin, which then names this address in its links. While it is down, every result but the first
 * that was ever asked for, a portrait's main picture, answers 503.
 */
export async function startFailingCdn() {
  let target: URL | undefined;
  let isDown = true;
  let refused = 0;
  let main: string | undefined;
  const server = createServer((message: IncomingMessage, response: ServerResponse) => {
    const { method, url = "/", headers } = message;
    const isResult = url.startsWith("/cdn/");
    if (isResult) main ??= url;
    if (target === undefined || (isDown && isResult && url !== main)) {
      refused += 1;
      response.writeHead(503).end();
      return;
    }
    const onward = request({ host: target.hostname, port: target.port, method, path: url, headers });
    onward.on("error", () => response.destroy());
    onward.on("response", (upstream) => {
      response.writeHead(upstream.statusCode ?? 502, upstream.headers);
      upstream.on("error", () => response.destroy());
      upstream.pipe(response);
    });
    message.pipe(onward);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Where requests go on to. */
    passTo: (url: string) => void (target = new URL(url)),
    recover: () => void (isDown = false),
    /** Downloads that were answered 503. */
    refused: () => refused,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
