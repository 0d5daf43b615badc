import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export interface Hold {
  /** Says of a command, as it comes over the wire, whether everything stops here. */
  readonly at: (command: string) => boolean;
  /** Whether Redis still carries it out, and only its answer is lost. */
  readonly carriedOut: boolean;
}

/**
 * Passes commands on to the real Redis until one comes that is held: from then on whoever asked hears nothing more, on
 * any connection, as if the machine's last moment had come there.
 */
export async function startHoldingRedis(realUrl: string, hold: Hold) {
  const target = new URL(realUrl);
  const open = new Set<Socket>();
  const { promise: held, resolve } = Promise.withResolvers<void>();
  let isHeld = false;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on("data", (chunk: Buffer) => {
      if (isHeld) return;
      if (hold.at(chunk.toString("latin1"))) {
        isHeld = true;
        if (!hold.carriedOut) resolve();
        // What Redis answers next comes after the command: it has been carried out.
        else upstream.once("data", () => resolve());
        if (!hold.carriedOut) return;
      }
      upstream.write(chunk);
    });
    upstream.on("data", (chunk: Buffer) => void (isHeld || client.write(chunk)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    held,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
