import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** One connection through a {@link startRedisFront}. */
interface Passing {
  readonly client: Socket;
  readonly upstream: Socket;
}

export interface RedisFrontRules {
  /** Called with data from the client, which is forwarded unless the callback returns false. */
  readonly onCommands: (chunk: Buffer, passing: Passing) => boolean;
  /** Returns whether to forward Redis' reply. Called before each chunk. */
  readonly answers: (passing: Passing) => boolean;
}

/** Starts a proxy in front of the real Redis that forwards bytes, except as its rules specify. */
export async function startRedisFront(realUrl: string, { onCommands, answers }: RedisFrontRules) {
  const target = new URL(realUrl);
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    const passing = { client, upstream };
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on("data", (chunk: Buffer) => void (onCommands(chunk, passing) && upstream.write(chunk)));
    upstream.on("data", (chunk: Buffer) => void (answers(passing) && client.write(chunk)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
