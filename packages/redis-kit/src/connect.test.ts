import { createServer } from "node:net";
import { inspect } from "node:util";
import { DarkroomError } from "@darkroom/core";
import { startRedis, testRedisUrl, until } from "@darkroom/testkit";
import { expect, test } from "vitest";
import { awaitRedis, closeRedis, connectRedis } from "./connect.ts";

const PASSWORD = "hunter2";

async function failureOf(url: string): Promise<DarkroomError> {
  const redis = connectRedis({ url, name: "connect-test", onError: () => undefined });
  try {
    await awaitRedis(redis, 500);
  } catch (error) {
    if (error instanceof DarkroomError) return error;
    throw error;
  } finally {
    await closeRedis(redis);
  }
  throw new Error("Redis answered");
}

test("awaitRedis returns once Redis answers, and Redis lists the connection by its name", async () => {
  const redis = connectRedis({ url: testRedisUrl(), name: "connect-test-name", onError: () => undefined });
  await awaitRedis(redis, 10_000);
  expect(await redis.client("GETNAME")).toBe("connect-test-name");
  await closeRedis(redis);
  await until(() => redis.status === "end", { what: "the end of the connection" });
  await closeRedis(redis);
});

test("a frozen Redis does not delay a shutdown", async () => {
  await using server = await startRedis();
  const redis = connectRedis({ url: server.url, name: "connect-test", onError: () => undefined });
  await awaitRedis(redis, 10_000);
  server.kill("SIGSTOP");
  await closeRedis(redis);
  expect(await until(() => redis.status === "end", { what: "the end of the connection" })).toBe(true);
});

test("an unreachable Redis is reported by host and port, without the password", async () => {
  await using server = await startRedis();
  const { host, port } = new URL(server.url);
  await server.close();
  const error = await failureOf(`redis://user:${PASSWORD}@${host}`);
  expect(error).toMatchObject({ code: "redis_unavailable", retryable: true });
  expect(error.message).toMatch(new RegExp(`Redis at 127\\.0\\.0\\.1:${port} cannot be used: .*REDIS_URL`));
  expect(inspect(error, { depth: 10 })).not.toContain(PASSWORD);
});

test.each([
  ["refuses the password", (host: string) => `redis://:${PASSWORD}@${host}`],
  ["wants a password", (host: string) => `redis://${host}`],
])("a Redis that %s is reported without the password", async (_, urlFor) => {
  await using server = await startRedis();
  const admin = connectRedis({ url: server.url, name: "admin", onError: () => undefined });
  await admin.config("SET", "requirepass", "another");
  await closeRedis(admin);
  const { host } = new URL(server.url);
  const error = await failureOf(urlFor(host));
  expect(error.code).toBe("redis_unavailable");
  expect(error.message).toContain(`Redis at ${host} cannot be used: `);
  expect(error.message).toMatch(/NOAUTH|WRONGPASS/);
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(PASSWORD);
});

test("a command waits until Redis comes back", async () => {
  await using server = await startRedis();
  const lost: Error[] = [];
  const redis = connectRedis({ url: server.url, name: "connect-test", onError: (error) => void lost.push(error) });
  await redis.set("paid", "1");
  server.kill("SIGKILL");
  await until(() => redis.status !== "ready", { what: "the lost connection" });
  const answer = redis.incr("paid");
  await server.restart();
  expect(await answer).toBe(2);
  await closeRedis(redis);
});

test("no command is lost when the connection ends between the answers to one tick", async () => {
  let connections = 0;
  // The minimal Redis server that the test needs. The first connection answers one of three commands, then closes.
  const server = createServer((socket) => {
    connections += 1;
    const breaks = connections === 1;
    socket.on("error", () => undefined);
    socket.setEncoding("latin1").on("data", (text: string) => {
      for (const [, name = ""] of text.matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g)) {
        if (name === "info") socket.write("$8\r\nloading:\r\n");
        else socket.write(name === "incr" ? ":1\r\n" : "+OK\r\n");
        if (name === "incr" && breaks) return socket.end();
        if (name === "quit") socket.end();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  const redis = connectRedis({ url: `redis://127.0.0.1:${port}`, name: "connect-test", onError: () => undefined });
  try {
    await awaitRedis(redis, 5_000);
    expect(await Promise.all(["a", "b", "c"].map((key) => redis.incr(key)))).toEqual([1, 1, 1]);
    expect(connections).toBe(2);
  } finally {
    await closeRedis(redis);
    await new Promise((resolve) => server.close(resolve));
  }
});
