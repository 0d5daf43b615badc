import type { BatchStatus } from "@darkroom/core";
import { cp, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { testNamespace, testRedisUrl, until, type TempFolder } from "@darkroom/testkit";
import { commandFolder } from "./command-folder.ts";
import { runCommand, spawnCommand, stopCommands } from "../src/test-kit/test-command.ts";

const DESIGN = fileURLToPath(new URL("../../../examples/team/design", import.meta.url));
const ENHANCE = ["enhance", "photos", "out", "--preset", "skin-smoothing", "--mode", "eco", "--twin", "--json"];
const PRICES = { DARKROOM_PRICES: '{"each-sense":{"eco":0.05}}' };
const TIMEOUT = { timeout: 120_000 };

let folder: TempFolder;
let cwd: string;
let shared: Record<string, string>;

beforeEach(async () => {
  folder = await commandFolder();
  cwd = folder.path;
  shared = { REDIS_URL: testRedisUrl(), DARKROOM_NAMESPACE: testNamespace() };
  await cp(DESIGN, join(cwd, "photos"), { recursive: true });
});
afterEach(async () => {
  await stopCommands();
  await folder.remove();
});

/** Runs a command, and parses the single line of JSON that it printed. */
async function run(args: readonly string[], env: Record<string, string> = shared) {
  const { code, out, err } = await runCommand(args, { cwd, env });
  const lines = out.trimEnd().split("\n");
  expect(lines, err).toHaveLength(1);
  return { code, err, line: (lines[0] === "" ? {} : JSON.parse(lines[0] ?? "")) as Partial<BatchStatus> };
}

describe("in one process, with no API running", () => {
  it("a pilot waits for approval with exit code 6, and continues after it", TIMEOUT, async () => {
    // Redis belongs to the command, so between two commands the data folder contains all state.
    const own = {};
    const first = await run([...ENHANCE, "--pilot", "2"], own);
    expect(first.code, first.err).toBe(6);
    const { id = "" } = first.line;
    expect(first.line).toMatchObject({
      state: "awaiting_approval",
      report: null,
      counts: { succeeded: 2, pending: 2 },
    });
    expect(first.err).toContain(`darkroom approve ${id}`);
    expect(first.err).toContain(`darkroom watch ${id}`);
    expect(first.err).toMatch(new RegExp(`${join(cwd, "out")}/portrait-\\d+\\.jpg`));

    const watched = await run(["watch", id, "--json"], own);
    expect(watched).toMatchObject({ code: 6, line: { state: "awaiting_approval", counts: { succeeded: 2 } } });
    const approved = await run(["approve", id, "--json"], own);
    expect(approved).toMatchObject({ code: 0, line: { state: "running" } });
    const last = await run(["watch", id, "--json"], own);
    expect(last, last.err).toMatchObject({ code: 0, line: { state: "completed", counts: { succeeded: 4 } } });
  });

  it("the same command again asks about its pilot, and keeps to one budget and one pilot", TIMEOUT, async () => {
    const env = { ...shared, ...PRICES };
    const order = [...ENHANCE, "--pilot", "2", "--max-cost", "0.15"];
    const first = await run(order, env);
    expect(first, first.err).toMatchObject({ code: 6, line: { state: "awaiting_approval", costUsd: 0.1 } });
    for (const again of [order, [...order.slice(0, -1), "0.50"]]) {
      const { code, line, err } = await run(again, env);
      expect({ code, line }, err).toMatchObject({ code: 6, line: { id: first.line.id, state: "awaiting_approval" } });
      expect(err).toContain("is the same order and waits for you");
    }
    expect((await run(["approve", "last", "--json"], env)).code).toBe(0);
    const whole = await run([...order.slice(0, -1), "0.50"], env);
    expect(whole, whole.err).toMatchObject({ code: 6, line: { id: first.line.id, pausedBy: "budget", costUsd: 0.15 } });
    expect((await run(["resume", "last", "--max-cost", "0.50", "--json"], env)).code).toBe(0);
    const last = await run([...order.slice(0, -1), "0.50"], env);
    expect(last, last.err).toMatchObject({ code: 0, line: { state: "completed", counts: { total: 4 } } });
    const { batches } = (await run(["list", "--json"], env)).line as { readonly batches?: readonly BatchStatus[] };
    expect(batches?.reduce((sum, { costUsd }) => sum + costUsd, 0)).toBeCloseTo(0.2);
  });

  it("nothing starts before it is confirmed", TIMEOUT, async () => {
    const env = { ...shared, ...PRICES };
    const first = await run([...ENHANCE, "--confirm"], env);
    expect(first, first.err).toMatchObject({
      code: 6,
      line: { state: "awaiting_confirmation", costUsd: 0, estimatedCostUsd: 0.2, counts: { total: 4, pending: 4 } },
    });
    expect(first.err).toContain(`darkroom confirm ${first.line.id ?? ""}`);
    expect(existsSync(join(cwd, "out/portrait-01.jpg"))).toBe(false);
    expect((await run(["confirm", "last", "--json"], env)).code).toBe(0);
    const last = await run(["watch", "last", "--json"], env);
    expect(last, last.err).toMatchObject({ code: 0, line: { costUsd: 0.2, counts: { succeeded: 4 } } });
  });

  it("a batch whose budget is full continues with a higher one", TIMEOUT, async () => {
    const env = { ...shared, ...PRICES };
    const first = await run([...ENHANCE, "--max-cost", "0.10"], env);
    expect(first, first.err).toMatchObject({
      code: 6,
      line: { state: "paused", pausedBy: "budget", costUsd: 0.1, counts: { succeeded: 2, pending: 2 } },
    });
    expect(first.err).toMatch(/darkroom resume \w+ --max-cost 0\.20/);
    const kept = await runCommand(["resume", "last"], { cwd, env });
    expect(kept).toMatchObject({ code: 2, err: expect.stringContaining("paused by its budget of 0.1 USD") });
    expect((await runCommand(["status", "last"], { cwd, env })).out).toMatch(
      /cost +0\.10 USD.* spent of at most 0\.10 USD/,
    );
    expect((await run(["resume", "last", "--max-cost", "1", "--json"], env)).code).toBe(0);
    const last = await run(["watch", "last", "--json"], env);
    expect(last, last.err).toMatchObject({ code: 0, line: { costUsd: 0.2, counts: { succeeded: 4 } } });
  });

  it("a cancel ends a batch that no process works on, and writes its report", TIMEOUT, async () => {
    const env = { ...shared, ...PRICES };
    expect((await run([...ENHANCE, "--max-cost", "0.10"], env)).line.state).toBe("paused");
    const cancelled = await runCommand(["cancel", "last"], { cwd, env });
    expect(cancelled, cancelled.err).toMatchObject({
      code: 0,
      out: expect.stringContaining("is cancelled; delivered results stay. It has ended."),
      err: expect.stringContaining("this command ends it"),
    });
    const { line } = await run(["status", "last", "--json"], env);
    expect(line).toMatchObject({ state: "cancelled", counts: { succeeded: 2, cancelled: 2 }, costUsd: 0.1 });
    expect(existsSync(line.report ?? "")).toBe(true);
  });

  it("a budget without prices is rejected with the API's own message", async () => {
    const { code, out, err } = await runCommand([...ENHANCE, "--max-cost", "5"], { cwd, env: shared });
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ error: { exitCode: 2, field: "maxCostUsd" } });
    expect(err).toMatch(/--max-cost: there is no price for each-sense.*DARKROOM_PRICES/);
  });

  it("a retry reopens what failed, and watches it to the end", TIMEOUT, async () => {
    const late = join(cwd, "photos/late.jpg");
    await writeFile(join(cwd, "team.csv"), "source\nphotos/portrait-01.jpg\nphotos/late.jpg\n");
    const args = ENHANCE.map((word) => (word === "photos" ? "team.csv" : word));
    const first = await run(args);
    expect(first, first.err).toMatchObject({ code: 3, line: { counts: { succeeded: 1, failed: 1 } } });
    const refused = await runCommand(["retry", "last", "--code", "no_output"], { cwd, env: shared });
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining("source_missing") });

    await cp(join(cwd, "photos/portrait-02.jpg"), late);
    const retried = await run(["retry", "last", "--code", "source_missing", "--json"]);
    expect(retried, retried.err).toMatchObject({
      code: 0,
      line: { id: first.line.id, state: "completed", counts: { total: 2, succeeded: 2, failed: 0 } },
    });
    expect((await runCommand(["status", "last"], { cwd, env: shared })).out).toMatch(
      /retries +1: 1 portrait, .* \(source_missing\)/,
    );
  });

  it("closed hours are awaited, with a note of when they begin", TIMEOUT, async () => {
    const hour = (offset: number): string =>
      `${String(new Date(Date.now() + offset * 3_600_000).getUTCHours()).padStart(2, "0")}:00`;
    const args = ENHANCE.filter((word) => word !== "--json");
    const opens = hour(3);
    const between = ["--between", `${opens}-${hour(5)}`, "--tz", "UTC", "--detach"];
    const submitted = await runCommand([...args, ...between], { cwd, env: shared });
    expect(submitted.code, submitted.err).toBe(0);
    const running = spawnCommand(["watch", "last", "--json"], { cwd, env: { ...shared, TZ: "UTC" } });
    await until(() => running.err().includes("running: 0 of 4 done"), { what: "the watch", timeoutMs: 30_000 });
    expect(running.err()).toMatch(new RegExp(`Waiting for its hours, which begin at .*${opens} \\(UTC\\)`));
    running.child.kill("SIGINT");
    const { code, out } = await running.ended;
    expect(code).toBe(130);
    // The last line describes the batch that the command stopped watching.
    expect(JSON.parse(out)).toMatchObject({
      state: "running",
      waiting: [{ reason: "unattended" }],
      counts: { pending: 4 },
    });
  });
});
