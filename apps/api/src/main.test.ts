import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { TIME_SCALE_ARGS } from "@darkroom/core";
import { startRedis, testNamespace, testRedisUrl, until } from "@darkroom/testkit";
import { startApi } from "./index.ts";
import { testApi } from "../test/test-api.ts";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));

function startMain(environment: Readonly<Record<string, string>>) {
  const env = {
    PATH: process.env["PATH"] ?? "",
    REDIS_URL: testRedisUrl(),
    DARKROOM_NAMESPACE: testNamespace(),
    ...environment,
  };
  const child = spawn(process.execPath, [...TIME_SCALE_ARGS, MAIN], { env, stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

test.each(["SIGTERM", "SIGINT"] as const)("runs until %s, and exits cleanly with connected readers", async (signal) => {
  const child = startMain({ DARKROOM_PORT: "0", EACHLABS_API_KEY: "never-to-be-logged" });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
  const url = await until(() => /"url":"([^"]+)".*"API listening"/.exec(output)?.[1], {
    what: "the API to listen",
    timeoutMs: 30_000,
  });
  const created = await fetch(`${url}/v1/presets`);
  expect(created.status).toBe(200);
  const exit = once(child, "exit");
  child.kill(signal);
  expect(await exit).toEqual([0, null]);
  expect(output).not.toContain("never-to-be-logged");
  const lines = output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { msg: string });
  expect(lines.map(({ msg }) => msg)).toEqual(expect.arrayContaining(["API listening", "stopping", "stopped"]));
});

test("reports that its port is in use, and exits", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void taken.close());
  await once(taken, "listening");
  const { port } = taken.address() as AddressInfo;
  const child = startMain({ DARKROOM_PORT: String(port) });
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, "exit"), text(child.stdout)]);
  expect(said).toBe(`darkroom api: Port ${port} is in use; set DARKROOM_PORT to another one.\n`);
  expect(code).toBe(2);
});

test("names the invalid setting, and exits", async () => {
  const child = startMain({ DARKROOM_PORT: "many", DARKROOM_HOST: "0.0.0.0" });
  const [errors, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
  expect(code).toBe(2);
  expect(errors).toContain("darkroom api:");
  expect(errors).toContain("DARKROOM_PORT");
  expect(errors).not.toContain("    at ");
});

test("closes with connected readers, and while Redis is unreachable", async () => {
  await using api = await testApi();
  await using redis = await startRedis();
  const settings = { ...api.settings, redis: { ...api.settings.redis, url: redis.url }, log: { level: "silent" } };
  const alone = await startApi(settings, { stores: api.stores });
  await api.stores.open(api.folderUrl("in")).put("p0.jpg", Buffer.from("a photo"));
  const submission = {
    source: api.folderUrl("in"),
    destination: api.folderUrl("out"),
    recipe: { preset: "skin-smoothing", mode: "eco" },
  };
  const headers = { "content-type": "application/json" };
  const created = await fetch(`${alone.url}/v1/batches`, { method: "POST", headers, body: JSON.stringify(submission) });
  const { id } = (await created.json()) as { id: string };
  const watching = await fetch(`${alone.url}/v1/batches/${id}/events`);
  const read = watching.text();
  await fetch(`${alone.url}/v1/lanes`);
  redis.kill("SIGKILL");
  await until(async () => (await fetch(`${alone.url}/readyz`)).status === 503, { what: "Redis to be missed" });
  const before = performance.now();
  await alone.close();
  expect(performance.now() - before).toBeLessThan(8_000);
  expect(await read).toContain("event: batch\n");
});
