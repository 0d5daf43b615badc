import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** One connection that goes through a {@link startRedisFront}. */
interface Passing {
  readonly client: Socket;
  readonly upstream: Socket;
}

export interface RedisFrontRules {
  /** What came from the client; it is sent on unless this says false. */
  readonly onCommands: (chunk: Buffer, passing: Passing) => boolean;
  /** Whether what Redis answers is passed back; called before each piece of it. */
  readonly answers: (passing: Passing) => boolean;
}

/** Stands before the real Redis and passes bytes on, but for what its rules say. */
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
