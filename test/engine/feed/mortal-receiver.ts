import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { text } from "node:stream/consumers";
import { freePort } from "@darkroom/testkit";
import { between, type Random } from "../chaos/random.ts";

/** A message as it arrived. */
interface ReceivedMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const LIFE_MS = [50, 900] as const;
const PAUSE_MS = [10, 300] as const;

/**
 * Starts a webhook receiver that dies and restarts at random times. While it runs, it rejects some messages with an
 * error, and cuts the connection after receiving others.
 */
export async function startReceiver(random: Random, onReturn: () => Promise<unknown>) {
  const port = await freePort();
  const accepted: ReceivedMessage[] = [];
  const stopping = new AbortController();
  let lives = 0;
  let refused = 0;

  async function open(): Promise<Server> {
    const server = createServer((request, response) => {
      void text(request).then(
        (body) => {
          const luck = random();
          if (luck < 0.05) {
            refused += 1;
            response.writeHead(luck < 0.025 ? 500 : 503).end();
            return;
          }
          accepted.push({ headers: request.headers as Record<string, string>, body });
          if (luck < 0.1) response.destroy();
          else response.writeHead(204).end();
        },
        () => undefined,
      );
    }).listen(port, "127.0.0.1");
    await once(server, "listening");
    lives += 1;
    return server;
  }

  async function close(server: Server): Promise<void> {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }

  let server = await open();
  const living = (async () => {
    while (!stopping.signal.aborted) {
      await sleep(between(random, LIFE_MS));
      await close(server);
      await sleep(between(random, PAUSE_MS));
      server = await open();
      await onReturn();
    }
  })();
  return {
    url: `http://127.0.0.1:${port}/hooks`,
    /** Messages in the order of their arrival, including repeated ones, without refused ones. */
    accepted: accepted as readonly ReceivedMessage[],
    lives: () => lives,
    refused: () => refused,
    stop: async () => {
      stopping.abort();
      await living;
      await close(server);
    },
  };
}
