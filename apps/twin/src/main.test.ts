import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { until } from "@darkroom/testkit";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));

function startMain(environment: Readonly<Record<string, string>>) {
  const env = { PATH: process.env["PATH"] ?? "", ...environment };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

test("prints its address, and exits with 0 after SIGTERM while a client is connected", async () => {
  const child = startMain({ DARKROOM_TWIN_PORT: "0" });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
  const url = await until(() => /The twin listens at (http:[^"]+)"/.exec(output)?.[1], {
    what: "the twin to listen",
    timeoutMs: 30_000,
  });
  expect((await fetch(`${url}/health`)).status).toBe(200);
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  expect(await exit).toEqual([0, null]);
});

test("names the invalid setting, and exits with 2", async () => {
  const child = startMain({ DARKROOM_TWIN_PORT: "many" });
  const [errors, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
  expect(code).toBe(2);
  expect(errors).toMatch(/^darkroom twin: .*\n {2}DARKROOM_TWIN_PORT/);
});
