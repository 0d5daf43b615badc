import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { TIME_SCALE_ARGS } from "@darkroom/core";
import { testNamespace, testRedisUrl } from "@darkroom/testkit";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));

test("says that its metrics port is taken, and does not run on without metrics", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void taken.close());
  await once(taken, "listening");
  const { port } = taken.address() as AddressInfo;
  const env = {
    PATH: process.env["PATH"] ?? "",
    REDIS_URL: testRedisUrl(),
    DARKROOM_NAMESPACE: testNamespace(),
    DARKROOM_METRICS_PORT: String(port),
  };
  const child = spawn(process.execPath, [...TIME_SCALE_ARGS, MAIN], { env, stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, "exit"), text(child.stdout)]);
  expect(said).toBe(`darkroom producer: Port ${port} is taken; set DARKROOM_METRICS_PORT to another one.\n`);
  expect(code).toBe(2);
});
