import { copyFile, cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readEngineSettings } from "@darkroom/config";
import { settledCount, type BatchStatus } from "@darkroom/core";
import { startProducer } from "@darkroom/producer";
import { createLogger, createMetrics } from "@darkroom/runtime";
import { testNamespace, testRedisUrl, until, type TempFolder } from "@darkroom/testkit";
import { startTwin, type Twin } from "@darkroom/twin";
import { startWorker } from "@darkroom/worker";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commandFolder } from "./command-folder.ts";
import { runCommand, spawnCommand, stopCommands } from "../src/test-kit/test-command.ts";

const TEAM = fileURLToPath(new URL("../../../examples/team", import.meta.url));
const DESIGN = join(TEAM, "design");
const PRESET = ["--mode", "eco", "--preset", "skin-smoothing"];
const ENHANCE = ["enhance", "photos", "out", ...PRESET];
const TIMEOUT = { timeout: 180_000 };

let folder: TempFolder;
let cwd: string;
let twin: Twin;
let env: Record<string, string>;

beforeEach(async () => {
  folder = await commandFolder();
  cwd = folder.path;
  await cp(DESIGN, join(cwd, "photos"), { recursive: true });
  // Two of four portraits run when the first command is stopped. Their calls continue at the provider.
  await useTwin(3_000, 2);
});

/** Starts a provider with this delay and this many concurrent calls. */
async function useTwin(latencyMs: number, concurrency: number): Promise<void> {
  twin = await startTwin({ latencyMs, work: "light" });
  env = {
    DARKROOM_TWIN: "true",
    EACHLABS_BASE_URL: twin.url,
    EACHLABS_API_KEY: twin.apiKey,
    DARKROOM_LANE_CONCURRENCY: String(concurrency),
    DARKROOM_GRACE_MS: "100",
    DARKROOM_FACES: "off",
  };
}

afterEach(async () => {
  await stopCommands();
  await twin.close();
  await folder.remove();
});

type Command = ReturnType<typeof spawnCommand>;

function line(out: string): BatchStatus & { readonly continued?: readonly string[] } {
  const lines = out.trimEnd().split("\n");
  expect(lines, out).toHaveLength(1);
  return JSON.parse(lines[0] ?? "") as BatchStatus;
}

async function says(command: Command, words: string | RegExp): Promise<void> {
  await until(() => command.err().match(words) !== null, { what: String(words), timeoutMs: 60_000 });
}

/** Starts a command that works on a batch, with running portraits. */
async function working(args: readonly string[] = ENHANCE): Promise<Command> {
  const command = spawnCommand([...args, "--json"], { cwd, env });
  await says(command, /^running: .*[24] running/m);
  return command;
}

async function run(...args: string[]) {
  return await runCommand(args, { cwd, env });
}

/** Returns the number of provider calls. */
function calls(): number {
  return Object.values(twin.ledger().calls).reduce((sum, { length }) => sum + length, 0);
}

async function statusOf(id: string): Promise<BatchStatus> {
  return line((await run("status", id, "--json")).out);
}

describe("watch beside a command that does the work", () => {
  it.each([
    ["was stopped", "SIGINT", 130],
    ["was killed", "SIGKILL", null],
  ] as const)("ends, and starts nothing, once that command %s", TIMEOUT, async (_, signal, code) => {
    await cp(join(TEAM, "engineering"), join(cwd, "photos", "engineering"), { recursive: true });
    const first = await working();
    const watch = spawnCommand(["watch", "last", "--json"], { cwd, env });
    await says(watch, "Another process works on this batch; this command only shows it.");
    await says(watch, /^running: /m);
    first.child.kill(signal);
    expect(await first.ended).toMatchObject({ code });
    const called = calls();
    const ended = await watch.ended;
    expect(ended.code, ended.err).toBe(130);
    const { id, counts } = line(ended.out);
    expect(settledCount(counts)).toBeLessThan(counts.total);
    expect(ended.err).toContain(
      `The process that worked on this batch has stopped; nothing is lost, and no more of it is started. Continue with: darkroom watch ${id}, or end it with: darkroom cancel ${id}`,
    );
    expect(calls()).toBe(called);
    const after = await run("watch", id, "--json");
    expect(after.err).toContain("This command works on the batch.");
    expect(line(after.out)).toMatchObject({ state: "completed", counts: { succeeded: counts.total } });
    expect(twin.ledger().billed).toBe(counts.total);
  });

  it("shows the batch to its end", TIMEOUT, async () => {
    await twin.close();
    // Slow enough that the second command begins before the first one ends.
    await useTwin(20_000, 4);
    const first = await working();
    const watch = await run("watch", "last", "--json");
    expect(watch.err).toContain("this command only shows it");
    expect(line(watch.out)).toMatchObject({ state: "completed", counts: { succeeded: 4 } });
    expect(await first.ended).toMatchObject({ code: 0 });
  });

  it("works on the batch of a command that was just killed", TIMEOUT, async () => {
    const first = await working();
    first.child.kill("SIGKILL");
    await first.ended;
    const watch = await run("watch", "last", "--json");
    expect(watch.err).toContain("This command works on the batch.");
    expect(line(watch.out)).toMatchObject({ state: "completed", counts: { succeeded: 4 } });
  });

  it("reports that another process that also works on the batch was stopped", TIMEOUT, async () => {
    env = { ...env, REDIS_URL: testRedisUrl(), DARKROOM_NAMESPACE: testNamespace() };
    const { out: id } = await run("submit", "photos", "out", ...PRESET);
    const batch = id.trim();
    const watch = spawnCommand(["watch", batch], { cwd, env });
    await says(watch, "This command works on the batch.");
    await says(watch, /^running: .*running/m);
    // A second command would only show the batch, unless both happened to begin at the same time.
    const settings = readEngineSettings({ ...env, DARKROOM_LOCAL_ROOTS: "any" });
    const parts = { log: createLogger({ level: "silent", name: "test" }), metrics: createMetrics(), batches: [batch] };
    const producer = await startProducer(settings, parts);
    const worker = await startWorker(settings, parts);
    try {
      watch.child.kill("SIGINT");
      const ended = await watch.ended;
      expect(ended, ended.err).toMatchObject({
        code: 130,
        err: expect.stringContaining("Stopped here; another process works on this batch and continues it."),
      });
      await until(async () => (await statusOf(batch)).state === "completed", { what: "the end", timeoutMs: 60_000 });
    } finally {
      await worker.close();
      await producer.close();
    }
  });
});

describe("the same order as a stopped batch", () => {
  it("continues it, then enhances new photos, and pays for nothing twice", TIMEOUT, async () => {
    const first = await working();
    first.child.kill("SIGINT");
    const stopped = line((await first.ended).out);
    await copyFile(join(DESIGN, "portrait-01.jpg"), join(cwd, "photos", "new.jpg"));
    const again = await run(...ENHANCE, "--json");
    expect(again.code, again.err).toBe(0);
    expect(again.err).toContain(`Batch ${stopped.id} is the same order and was stopped: 0 of 4 done`);
    expect(again.err).toContain("2 portraits in flight");
    expect(again.err).toContain(`To end it instead: darkroom cancel ${stopped.id}`);
    const own = line(again.out);
    expect(own).toMatchObject({ state: "completed", counts: { total: 5, succeeded: 1, skipped: 4 } });
    expect(own.continued).toEqual([stopped.id]);
    expect(again.err).toContain(`are in the report of batch ${stopped.id}.`);
    expect(await statusOf(stopped.id)).toMatchObject({ state: "completed", counts: { succeeded: 4 } });
    expect(twin.ledger().billed).toBe(5);
  });

  it("submits no second batch if no photo is new", TIMEOUT, async () => {
    const first = await working();
    first.child.kill("SIGINT");
    const { id } = line((await first.ended).out);
    const again = await run(...ENHANCE, "--json");
    expect(again.code, again.err).toBe(0);
    expect(line(again.out)).toMatchObject({ id, state: "completed", counts: { total: 4, succeeded: 4 } });
    expect(again.err).toContain("Every photo of this order is delivered. This command submits no further batch.");
    const report = await run("report", "last");
    expect(report.out.match(/,ok,/g), report.out).toHaveLength(4);
  });

  it("leaves one batch behind, however often it is stopped", TIMEOUT, async () => {
    const ids = new Set<string>();
    for (let times = 0; times < 2; times += 1) {
      const command = await working();
      command.child.kill("SIGINT");
      const ended = await command.ended;
      expect(ended.code, ended.err).toBe(130);
      ids.add(line(ended.out).id);
    }
    expect(ids.size).toBe(1);
  });

  it("asks first if the order must be confirmed, and continues nothing without an answer", TIMEOUT, async () => {
    const args = [...ENHANCE, "--confirm"];
    const first = await run(...args, "--json");
    expect(first.code).toBe(6);
    const { id } = line(first.out);
    expect((await run("confirm", id)).code).toBe(0);
    const again = await run(...args, "--json");
    expect(again.code, again.err).toBe(6);
    expect(line(again.out)).toMatchObject({ id, counts: { succeeded: 0 } });
    expect(again.err).toContain(`Continue with: darkroom watch ${id}, or end it with: darkroom cancel ${id}`);
    expect(twin.ledger().billed).toBe(0);
  });
});

describe("the same order, given twice at the same moment", () => {
  it("pays for each photo once, and both commands end well", TIMEOUT, async () => {
    const both = [
      spawnCommand([...ENHANCE, "--json"], { cwd, env }),
      spawnCommand([...ENHANCE, "--json"], { cwd, env }),
    ];
    const ends = await Promise.all(both.map(async ({ ended }) => await ended));
    for (const { code, out, err } of ends) {
      expect(code, err).toBe(0);
      expect(line(out)).toMatchObject({ state: "completed", counts: { total: 4, failed: 0 } });
    }
    expect(twin.ledger().billed).toBe(4);
  });
});

describe("another order for the same results as a stopped batch", () => {
  const OTHER = ["enhance", "photos", "out", "--mode", "eco", "--preset", "lighting-adjustment"];

  it("does what it can, and explains what the rest waits for and how to continue", TIMEOUT, async () => {
    const first = await working();
    first.child.kill("SIGINT");
    const { id } = line((await first.ended).out);
    const other = await run(...OTHER, "--json");
    expect(other.code, other.err).toBe(6);
    const own = line(other.out);
    expect(own).toMatchObject({ state: "running", counts: { succeeded: 2 } });
    const ways = `darkroom watch ${id}, or give it up: darkroom cancel ${id}`;
    expect(other.err).toContain("was stopped: no process works on it. It has 2 portraits in flight");
    expect(other.err.split(ways)).toHaveLength(3);
    expect(other.err).toContain(`Then continue this batch: darkroom watch ${own.id}`);
    expect(other.err.match(/Waiting for another batch/g)?.length ?? 0).toBeLessThan(2);
    expect(await statusOf(id)).toMatchObject({ counts: { succeeded: 0 } });

    expect((await run("cancel", id)).code).toBe(0);
    const watch = await run("watch", own.id, "--json");
    expect(watch.code, watch.err).toBe(0);
    expect(line(watch.out)).toMatchObject({ state: "completed", counts: { succeeded: 4 } });
    expect((await statusOf(id)).state).toBe("cancelled");
  });
});
