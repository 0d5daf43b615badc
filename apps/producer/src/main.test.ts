import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { TIME_SCALE_ARGS } from "@darkroom/core";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { startRedis, testNamespace, testRedisUrl } from "@darkroom/testkit";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));

/** Returns the process's standard error and exit code. */
async function endOf(environment: Readonly<Record<string, string>>) {
  const env = {
    PATH: process.env["PATH"] ?? "",
    REDIS_URL: testRedisUrl(),
    DARKROOM_NAMESPACE: testNamespace(),
    ...environment,
  };
  const child = spawn(process.execPath, [...TIME_SCALE_ARGS, MAIN], { env, stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, "exit"), text(child.stdout)]);
  return { said, code: code as number | null };
}

test("reports that its metrics port is in use, and does not run without metrics", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void taken.close());
  await once(taken, "listening");
  const { port } = taken.address() as AddressInfo;
  expect(await endOf({ DARKROOM_METRICS_PORT: String(port) })).toEqual({
    said: `darkroom producer: Port ${port} is in use; set DARKROOM_METRICS_PORT to another one.\n`,
    code: 2,
  });
});

test("reports that its Redis is not safe, and exits", async () => {
  await using server = await startRedis();
  const redis = connectRedis({ url: server.url, name: "producer-test", onError: () => undefined });
  await redis.config("SET", "appendonly", "no");
  await closeRedis(redis);
  expect(await endOf({ REDIS_URL: server.url })).toEqual({
    said: expect.stringMatching(
      /^darkroom producer: This Redis is not safe for Darkroom: appendonly is "no"/,
    ) as string,
    code: 2,
  });
});
