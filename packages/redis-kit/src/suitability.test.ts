import { createServer } from "node:net";
import { startRedis, testRedisUrl, type PrivateRedis } from "@darkroom/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { closeRedis, connectRedis, type RedisConnection } from "./connect.ts";
import { checkRedis } from "./suitability.ts";

let server: PrivateRedis;
let redis: RedisConnection;

beforeAll(async () => {
  server = await startRedis();
  redis = connectRedis({ url: server.url, name: "suitability-test", onError: () => undefined });
});

afterEach(async () => {
  await redis.config("SET", "maxmemory-policy", "noeviction");
  await redis.config("SET", "appendonly", "yes");
});

afterAll(async () => {
  await closeRedis(redis);
  await server.close();
});

test("accepts a Redis that keeps everything, without a warning", async () => {
  const shared = connectRedis({ url: testRedisUrl(), name: "suitability-test", onError: () => undefined });
  try {
    expect(await checkRedis(shared)).toEqual([]);
  } finally {
    await closeRedis(shared);
  }
});

test.each([
  ["maxmemory-policy", "allkeys-lru", "noeviction"],
  ["maxmemory-policy", "volatile-ttl", "noeviction"],
  ["appendonly", "no", "yes"],
])("rejects %s %s, naming the setting and its required value", async (setting, value, wished) => {
  await redis.config("SET", setting, value);
  await expect(checkRedis(redis)).rejects.toMatchObject({
    code: "redis_unsuitable",
    message: expect.stringContaining(`${setting} is "${value}" and must be "${wished}"`) as string,
  });
});

test("reports all wrong settings at once", async () => {
  await redis.config("SET", "maxmemory-policy", "allkeys-random");
  await redis.config("SET", "appendonly", "no");
  await expect(checkRedis(redis)).rejects.toThrow(
    /maxmemory-policy is .*appendonly is .*DARKROOM_ALLOW_UNSAFE_REDIS=true/,
  );
});

test("warns about an unsafe Redis that was allowed", async () => {
  await redis.config("SET", "appendonly", "no");
  expect(await checkRedis(redis, true)).toEqual([expect.stringContaining('appendonly is "no"')]);
});

test("accepts a Redis that hides its settings, and names them", async () => {
  await redis.call("ACL", "SETUSER", "hosted", "on", ">secret", "~*", "+@all", "-config");
  const { host } = new URL(server.url);
  const hosted = connectRedis({ url: `redis://hosted:secret@${host}`, name: "hosted", onError: () => undefined });
  try {
    expect(await checkRedis(hosted)).toEqual([
      "maxmemory-policy could not be read; make sure that it is noeviction",
      "appendonly could not be read; make sure that it is yes",
    ]);
  } finally {
    await closeRedis(hosted);
  }
});

/** A minimal Redis server that reports this version: https://redis.io/docs/latest/develop/reference/protocol-spec/ */
async function serveVersion(version: string): Promise<{ readonly url: string } & AsyncDisposable> {
  const info = `redis_version:${version}\r\nloading:0\r\nrole:master\r\n`;
  const answers: Readonly<Record<string, string>> = {
    info: `$${info.length}\r\n${info}\r\n`,
    ping: "+PONG\r\n",
    config: "-ERR not here\r\n",
  };
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.setEncoding("latin1").on("data", (text: string) => {
      for (const [, name = ""] of text.matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g)) {
        socket.write(answers[name.toLowerCase()] ?? "+OK\r\n");
        if (name === "quit") socket.end();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  return {
    url: `redis://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => void (await new Promise((resolve) => server.close(resolve))),
  };
}

test.each(["5.0.14", "6.0.16", "6.1.240"])(
  "rejects Redis %s as too old, and names the required version",
  async (version) => {
    await using old = await serveVersion(version);
    const client = connectRedis({ url: old.url, name: "suitability-test", onError: () => undefined });
    try {
      const short = version.split(".").slice(0, 2).join(".");
      await expect(checkRedis(client)).rejects.toMatchObject({
        code: "redis_unsuitable",
        message: expect.stringContaining(`version ${short} is too old: 6.2 or newer is needed`) as string,
      });
    } finally {
      await closeRedis(client);
    }
  },
);

test.each(["6.2.0", "7.4.1", "10.0.0"])("accepts Redis %s", async (version) => {
  await using server = await serveVersion(version);
  const client = connectRedis({ url: server.url, name: "suitability-test", onError: () => undefined });
  try {
    expect(await checkRedis(client)).toHaveLength(2);
  } finally {
    await closeRedis(client);
  }
});
