import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { until } from "@darkroom/testkit";

const APP = fileURLToPath(new URL("../test/app-process.ts", import.meta.url));

function startApp(...args: readonly string[]) {
  const child = spawn(process.execPath, [APP, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const said = { out: "", error: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said.out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said.error += text));
  const code = once(child, "close").then(([exitCode]) => exitCode as number | null);
  return {
    said,
    code,
    signal: (name: NodeJS.Signals) => void child.kill(name),
    says: async (words: string) =>
      void (await until(() => said.out.includes(words), { what: `"${words}"`, timeoutMs: 30_000 })),
  };
}

test.each(["SIGTERM", "SIGINT"] as const)("an app that closes after %s exits with 0", async (signal) => {
  const app = startApp();
  await app.says('"started"');
  app.signal(signal);
  expect(await app.code).toBe(0);
  const lines = app.said.out
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { msg: string }).msg);
  // The logger writes asynchronously, so the last two lines may be swapped at the exit.
  expect(lines.sort()).toEqual(["DARKROOM_PROT is not known", "started", "stopped", "stopping"]);
  expect(app.said.error).toBe("");
});

test("an app whose close fails exits with 1 and logs the cause", async () => {
  const app = startApp("runs", "fails");
  await app.says('"started"');
  app.signal("SIGTERM");
  expect(await app.code).toBe(1);
  expect(app.said.out).toMatch(/Redis is gone.*"stopping failed"/);
});

test("an app whose close takes too long is killed and exits with 1", async () => {
  const app = startApp("runs", "hangs", "50");
  await app.says('"started"');
  app.signal("SIGTERM");
  expect(await app.code).toBe(1);
  expect(app.said.out).not.toContain('"stopped"');
});

test("a second signal ends an app at once with 1", async () => {
  const app = startApp("runs", "hangs");
  await app.says('"started"');
  app.signal("SIGTERM");
  await app.says('"stopping"');
  app.signal("SIGTERM");
  expect(await app.code).toBe(1);
});

test.each([
  ["has wrong settings", "darkroom test: DARKROOM_PORT must be a number\n"],
  ["cannot start", "darkroom test: Redis does not answer\n"],
])("an app that %s prints the cause and exits with 2, even with open resources", async (starts, why) => {
  const app = startApp(starts);
  expect(await app.code).toBe(2);
  expect(app.said.error).toBe(why);
});
