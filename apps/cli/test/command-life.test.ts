import type { BatchStatus } from "@darkroom/core";
import { processLife } from "@darkroom/local-stack/process-life";
import { existsSync } from "node:fs";
import { appendFile, cp, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until, type TempFolder } from "@darkroom/testkit";
import { commandFolder } from "./command-folder.ts";
import { runCommand, spawnCommand, stopCommands } from "../src/test-kit/test-command.ts";

const DESIGN = fileURLToPath(new URL("../../../examples/team/design", import.meta.url));
const ENHANCE = ["enhance", "photos", "out", "--preset", "skin-smoothing", "--mode", "eco"];
const ENV = {
  DARKROOM_PORT: "0",
  DARKROOM_LANE_CONCURRENCY: "2",
  DARKROOM_PRICES: '{"each-sense":{"eco":0.05}}',
};
/** A call takes 1 to 4 s. */
const SLOW = { ...ENV, DARKROOM_TWIN_CLOCK: "5" };
/** No call ends without the test. */
const STANDING = { ...ENV, DARKROOM_TWIN_CLOCK: "0.05" };
const TIMEOUT = { timeout: 180_000 };

let folder: TempFolder;
let cwd: string;

beforeEach(async () => {
  folder = await commandFolder();
  cwd = folder.path;
  await cp(DESIGN, join(cwd, "photos"), { recursive: true });
});
afterEach(async () => {
  await stopCommands();
  await folder.remove();
});

type Running = ReturnType<typeof spawnCommand>;

async function redisPid(): Promise<number> {
  const text = await readFile(join(cwd, ".darkroom/run/redis.json"), "utf8");
  return (JSON.parse(text) as { pid: number }).pid;
}

const isAlive = (pid: number): boolean => processLife(pid) !== undefined;

async function startStack(env: Record<string, string>): Promise<Running & { readonly apiUrl: string }> {
  const stack = spawnCommand(["start", "--twin", "--json"], { cwd, env });
  await until(() => stack.out().includes("\n"), { what: "the stack", timeoutMs: 60_000 });
  return { ...stack, apiUrl: (JSON.parse(stack.out()) as { apiUrl: string }).apiUrl };
}

async function startEnhance(env: Record<string, string>): Promise<Running> {
  const running = spawnCommand([...ENHANCE, "--twin", "--json"], { cwd, env });
  await until(() => /^running: .*2 running/m.test(running.err()), { what: "portraits to run", timeoutMs: 60_000 });
  return running;
}

async function statusOf(id: string): Promise<BatchStatus> {
  const { out, err } = await runCommand(["status", id, "--json"], { cwd, env: ENV });
  expect(out, err).not.toBe("");
  return JSON.parse(out) as BatchStatus;
}

describe("a stack whose Redis is killed", () => {
  it("says so, restarts it, and pays nothing twice; no second stack starts beside it", TIMEOUT, async () => {
    const stack = await startStack(SLOW);
    const { out } = await runCommand([...ENHANCE, "--detach", "--json"], { cwd, env: ENV });
    const { id } = JSON.parse(out) as BatchStatus;
    await until(async () => (await statusOf(id)).counts.running === 2, { what: "portraits to run", timeoutMs: 60_000 });
    const killed = await redisPid();
    process.kill(killed, "SIGKILL");

    await until(() => stack.err().includes("The Redis of this folder has ended; starting it again"), {
      what: "the stack to notice",
      timeoutMs: 20_000,
    });
    const again = await runCommand(["start", "--twin"], { cwd, env: ENV });
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining(`(process ${stack.child.pid})`) });
    await until(() => stack.err().includes("Redis runs again"), { what: "Redis", timeoutMs: 20_000 });
    const redis = await redisPid();
    expect(redis).not.toBe(killed);
    const doctor = await runCommand(["doctor"], { cwd, env: ENV });
    expect(doctor.out).toContain(`${stack.apiUrl} answers`);

    const watched = await runCommand(["watch", id, "--json"], { cwd, env: ENV });
    expect(watched.code, watched.err).toBe(0);
    expect(JSON.parse(watched.out)).toMatchObject({ counts: { total: 4, succeeded: 4 }, costUsd: 0.2, maybeBilled: 0 });
    stack.child.kill("SIGINT");
    expect(await stack.ended).toMatchObject({ code: 0 });
    expect(isAlive(redis)).toBe(false);
    expect(await readdir(join(cwd, ".darkroom/run"))).toEqual(["users"]);
  });

  it("is reported by other commands while it is idle, and a second Ctrl-C ends all of it", TIMEOUT, async () => {
    const stack = await startStack(ENV);
    const redis = await redisPid();
    // Redis is alive but does not respond. The stack must not start a second one on the same data.
    process.kill(redis, "SIGSTOP");
    try {
      await until(async () => (await fetch(`${stack.apiUrl}/readyz`)).status === 503, { what: "Redis to be missed" });
      const told = expect.stringMatching(
        new RegExp(`stack of this folder runs \\(${stack.apiUrl}, process ${stack.child.pid}\\), but does no work`),
      );
      expect(await runCommand(["list"], { cwd, env: ENV })).toMatchObject({ code: 5, err: told });
      const again = await runCommand(["start", "--twin"], { cwd, env: ENV });
      expect(again).toMatchObject({ code: 2, err: expect.stringContaining("It does no work at present") });
      expect(stack.err()).toContain("No work is being done: ");
      stack.child.kill("SIGINT");
      await until(() => stack.err().includes("Press Ctrl-C again to stop at once"), { what: "the stop" });
      // The debounce time of Ctrl-C has passed when a second one ends the stack.
      const isEnded = (): boolean => !stack.child.kill("SIGINT") || stack.child.exitCode !== null;
      await until(isEnded, { what: "the end" });
      await stack.ended;
      expect(stack.child.exitCode).toBe(130);
      await until(() => !isAlive(redis), { what: "the end of Redis" });
    } finally {
      if (isAlive(redis)) process.kill(redis, "SIGCONT");
    }
  });
});

it("a stack whose data folder is deleted ends by itself, says why, and leaves no process", TIMEOUT, async () => {
  const stack = await startStack(STANDING);
  const redis = await redisPid();
  await rm(join(cwd, ".darkroom"), { recursive: true, force: true });
  const { code, err } = await stack.ended;
  expect(code, err).toBe(5);
  expect(err).toContain(`${join(cwd, ".darkroom")} was deleted. This command cannot continue`);
  expect(isAlive(redis)).toBe(false);
});

it(
  "a stack whose Redis cannot be restarted ends by itself, says why once, and leaves no process",
  TIMEOUT,
  async () => {
    const stack = await startStack(STANDING);
    const redis = await redisPid();
    const files = join(cwd, ".darkroom/redis/appendonlydir");
    const [file = ""] = (await readdir(files)).filter((name) => name.endsWith(".incr.aof"));
    process.kill(redis, "SIGSTOP");
    await appendFile(join(files, file), "no command of Redis\r\n*1\r\n$4\r\nPING\r\n");
    process.kill(redis, "SIGKILL");
    const { code, err } = await stack.ended;
    expect(code, err).toBe(5);
    expect(err.match(/Redis has ended and does not start again: .*append only file/g)).toHaveLength(1);
    expect(await readdir(join(cwd, ".darkroom/run"))).toEqual(["users"]);
  },
);

describe("a terminal that is closed", () => {
  it.each(["enhance", "start"])("stops %s gracefully, although its output is closed", TIMEOUT, async (command) => {
    const running = command === "enhance" ? await startEnhance(STANDING) : await startStack(STANDING);
    const redis = await redisPid();
    if (command === "start") {
      await runCommand([...ENHANCE, "--detach"], { cwd, env: ENV });
      const twoRun = async (): Promise<boolean> => (await statusOf("last")).counts.running === 2;
      await until(twoRun, { what: "portraits to run", timeoutMs: 60_000 });
    }
    running.ended.catch(() => undefined);
    running.child.stdout.destroy();
    running.child.stderr.destroy();
    running.child.kill("SIGHUP");
    await until(() => running.child.exitCode !== null, { what: "the end", timeoutMs: 60_000 });
    expect(running.child.exitCode).toBe(command === "enhance" ? 130 : 0);
    expect(isAlive(redis)).toBe(false);
    // Calls in flight have ended and are remembered, so none of them is paid for again.
    expect(await statusOf("last")).toMatchObject({
      counts: { total: 4, succeeded: 2, running: 0 },
      unattended: { missing: ["producer", "worker"] },
    });
    const watched = await runCommand(["watch", "last", "--json"], { cwd, env: ENV });
    expect(JSON.parse(watched.out)).toMatchObject({ counts: { succeeded: 4 }, costUsd: 0.2, maybeBilled: 0 });
  });
});

it("status and list say at once that no process works on the batch of a killed command", TIMEOUT, async () => {
  const running = await startEnhance(STANDING);
  running.child.kill("SIGKILL");
  await until(() => running.child.signalCode !== null, { what: "its end" });
  const { id } = await statusOf("last");
  const status = await runCommand(["status", id], { cwd, env: ENV });
  expect(status.out).toMatch(/portraits +0 of 4 done · 2 interrupted/);
  expect(status.out).toMatch(/waiting +for a process to work on it: there is no producer, and no worker/);
  expect(status.err).toContain(`Continue it with: darkroom watch ${id}`);
  const list = await runCommand(["list"], { cwd, env: ENV });
  expect(list.out).toMatch(new RegExp(`${id} +no process works on it +0/4`));
  expect(list.err).toContain(`continues with: darkroom watch ${id}`);
  expect(existsSync(join(cwd, ".darkroom/run/redis.json"))).toBe(false);
});
