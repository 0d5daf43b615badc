import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * Passes requests on to a real S3 server, with the caller's `Host`, which they are signed with. Of a PUT whose path is
 * held the head and the first bytes go on, and then nothing more.
 */
export async function startHoldingStore(endpoint: string, holds: (path: string) => boolean) {
  const target = new URL(endpoint);
  const { promise: held, resolve } = Promise.withResolvers<void>();
  const server = createServer((message: IncomingMessage, response: ServerResponse) => {
    const { method, url = "/", headers } = message;
    const onward = request({ host: target.hostname, port: target.port, method, path: url, headers });
    onward.on("error", () => response.destroy());
    onward.on("response", (upstream) => {
      response.writeHead(upstream.statusCode ?? 502, upstream.headers);
      upstream.on("error", () => response.destroy());
      upstream.pipe(response);
    });
    message.on("error", () => onward.destroy());
    message.on("close", () => {
      if (!message.complete) onward.destroy();
    });
    if (method !== "PUT" || !holds(url)) {
      message.pipe(onward);
      return;
    }
    message.once("data", (chunk: Buffer) => {
      message.pause();
      onward.write(chunk.subarray(0, Math.floor(chunk.length / 2)), () => resolve());
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    held,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
