import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "@darkroom/testkit";
import { expect, test } from "vitest";
import { PatientRedis } from "./patient-redis.ts";

type Answer = (connection: number, name: string, socket: Socket) => string | undefined | Promise<string | undefined>;

/** A minimal Redis server for the tests. `undefined` sends no reply. */
async function startServer(answer: Answer) {
  let connections = 0;
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    connections += 1;
    const connection = connections;
    open.add(socket);
    socket.on("error", () => undefined);
    let before = Promise.resolve();
    socket.setEncoding("latin1").on("data", (text: string) => {
      for (const [, name = ""] of text.matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g)) {
        before = before.then(async () => {
          const reply = await answer(connection, name, socket);
          if (reply !== undefined && socket.writable) socket.write(reply);
        });
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      const closed = once(server, "close");
      server.close();
      await closed;
    },
  };
}

const INFO = "$11\r\nrun_id:abc1\r\n";
const PATIENCE = { whenRefused: "wait", onRefusal: () => undefined } as const;

function open(port: number, options: { readonly socketTimeout?: number } = {}): PatientRedis {
  const redis = new PatientRedis(
    { host: "127.0.0.1", port, maxRetriesPerRequest: null, retryStrategy: () => 10, ...options },
    PATIENCE,
  );
  redis.on("error", () => undefined);
  return redis;
}

test("a command sent before the connection is ready survives the end of that connection", async () => {
  await using server = await startServer((connection, name, socket) => {
    if (name !== "info") return "+OK\r\n";
    if (connection > 1) return INFO;
    // The ready check fails when the server is no longer master, or dies.
    socket.destroy();
    return undefined;
  });
  const redis = open(server.port);
  try {
    await once(redis, "connect");
    expect(redis.status).toBe("connect");
    expect(await redis.info("server")).toBe("run_id:abc1");
    expect(server.connections).toBe(2);
  } finally {
    redis.disconnect();
  }
});

test.each(["sends no commands", "only listens"])("a client that %s leaves a frozen server", async (which) => {
  // Only the first connection is frozen.
  let frozen = false;
  await using server = await startServer((connection, name) => {
    if (connection === 1 && frozen) return undefined;
    if (name === "info") return INFO;
    if (name === "subscribe") return "*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n";
    if (name === "ping" && which === "only listens") return "*2\r\n$4\r\npong\r\n$0\r\n\r\n";
    return "+OK\r\n";
  });
  const redis = open(server.port, { socketTimeout: 300 });
  try {
    if (which === "only listens") await redis.subscribe("news");
    else await redis.get("key");
    frozen = true;
    const next = (): boolean => server.connections === 2 && redis.status === "ready";
    expect(await until(next, { what: "the next connection" })).toBe(true);
  } finally {
    redis.disconnect();
  }
});

test("the silence of one server does not count against its successor", async () => {
  const SILENT_MS = 300;
  await using server = await startServer(async (connection, name, socket) => {
    if (name === "info") return INFO;
    if (name !== "incr") return "+OK\r\n";
    if (connection === 1) {
      socket.destroy();
      return undefined;
    }
    // The server delays its replies, which together take twice as long as the allowed silence.
    await sleep(SILENT_MS / 10);
    return ":1\r\n";
  });
  const redis = open(server.port, { socketTimeout: SILENT_MS });
  try {
    for (let call = 0; call < 20; call += 1) expect(await redis.incr("paid")).toBe(1);
    expect(server.connections).toBe(2);
  } finally {
    redis.disconnect();
  }
});
