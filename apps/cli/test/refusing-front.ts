import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Stands before a provider, and answers a status of its own, to everything or to one method, while it is told to. */
export async function startRefusingFront(provider: string) {
  const target = new URL(provider);
  let refusal: { readonly status: number; readonly only: string | undefined } | undefined;
  const refused: string[] = [];
  const server = createServer((message: IncomingMessage, response: ServerResponse) => {
    const { method = "", url = "/", headers } = message;
    if (refusal !== undefined && (refusal.only ?? method) === method) {
      refused.push(`${method} ${url}`);
      message.resume();
      response.writeHead(refusal.status, { "content-type": "application/json" }).end('{"detail":"not now"}');
      return;
    }
    const onward = request({ host: target.hostname, port: target.port, method, path: url, headers });
    onward.on("error", () => response.destroy());
    onward.on("response", (upstream) => {
      response.writeHead(upstream.statusCode ?? 502, upstream.headers);
      upstream.on("error", () => response.destroy());
      upstream.pipe(response);
    });
    message.on("error", () => onward.destroy());
    response.on("close", () => onward.destroy());
    message.pipe(onward);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** What was refused so far, as `METHOD /path`. */
    refused: refused as readonly string[],
    /** From now on this status answers every request, or those of one method. */
    refuse: (status: number, only?: string) => void (refusal = { status, only }),
    /** Every request goes on to the provider again. */
    pass: () => void (refusal = undefined),
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

export type RefusingFront = Awaited<ReturnType<typeof startRefusingFront>>;
