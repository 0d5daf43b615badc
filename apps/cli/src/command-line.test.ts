import { copyFile, cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { BatchStatus } from "@darkroom/core";
import { FailoverDetector } from "@darkroom/ledger";
import { findOrStartRedis } from "@darkroom/local-stack";
import { processLife } from "@darkroom/local-stack/process-life";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tempFolder, testNamespace, testRedisUrl, testS3, until, type TempFolder } from "@darkroom/testkit";
import { startTwin } from "@darkroom/twin";
import { commandFolder } from "../test/command-folder.ts";
import { runCommand, spawnCommand, stopCommands } from "./test-kit/test-command.ts";

const DESIGN = fileURLToPath(new URL("../../../examples/team/design", import.meta.url));
const RECIPE = ["--preset", "skin-smoothing", "--mode", "eco"];
const ENHANCE = ["enhance", "photos", "out", ...RECIPE, "--twin"];
const PRICES = { DARKROOM_PRICES: '{"each-sense":{"eco":0.05,"max":0.2}}' };
const TIMEOUT = { timeout: 300_000 };

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

function lastLine(out: string): BatchStatus {
  const lines = out.trimEnd().split("\n");
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? "") as BatchStatus;
}

const isAlive = (pid: number): boolean => processLife(pid) !== undefined;

async function redisPid(): Promise<number> {
  const run = JSON.parse(await readFile(join(cwd, ".darkroom/run/redis.json"), "utf8")) as { pid: number };
  return run.pid;
}

it("exits at once for invalid settings, and leaves no Redis behind", TIMEOUT, async () => {
  const env = { DARKROOM_PRICES: "{each-sense: 1}" };
  for (const command of [["list"], [...ENHANCE, "--dry-run"]]) {
    const ended = await runCommand(command, { cwd, env });
    expect(ended.code, ended.err).toBe(2);
    expect(ended.err).toContain("DARKROOM_PRICES must be JSON");
  }
  await expect(readFile(join(cwd, ".darkroom/run/redis.json"))).rejects.toThrow("ENOENT");
});

describe("enhance in one process", () => {
  it(
    "spends an order's budget once, and offers to raise it if the order is repeated with a higher one",
    TIMEOUT,
    async () => {
      const order = (usd?: string) =>
        runCommand([...ENHANCE, "--json", ...(usd === undefined ? [] : ["--max-cost", usd])], { cwd, env: PRICES });
      const first = await order("0.1");
      expect(first.code, first.err).toBe(6);
      const { id } = lastLine(first.out);
      const again = await order("0,10");
      expect(again.code, again.err).toBe(6);
      expect(again.err).toMatch(
        /is this order, and its budget has paused it: 2 of 4 done · 2 succeeded, 0\.10 USD of its budget of 0\.10 USD/,
      );
      expect(again.err).toMatch(/is for the whole order, and nothing is submitted/);
      const without = await order();
      expect(without.code, without.err).toBe(6);
      expect(without.err).toMatch(/is for the whole order, and nothing is submitted/);
      const higher = await order("0.2");
      expect(higher.code, higher.err).toBe(6);
      expect(higher.err).toContain(`Raise its budget and continue with: darkroom resume ${id} --max-cost 0.2`);
      expect((await runCommand(["resume", id, "--max-cost", "0.2"], { cwd, env: PRICES })).code).toBe(0);
      const end = await runCommand(["watch", id, "--json"], { cwd, env: { ...PRICES, DARKROOM_TWIN: "true" } });
      expect(end.code, end.err).toBe(0);
      expect(lastLine(end.out)).toMatchObject({ id, counts: { total: 4, succeeded: 4 }, costUsd: 0.2 });
      expect((await runCommand(["list", "--json"], { cwd, env: PRICES })).out.trim().split("\n")).toHaveLength(1);
    },
  );

  it("enhances a folder, and skips all of it the second time", async () => {
    const first = await runCommand([...ENHANCE, "--json"], { cwd });
    expect(first.code, first.err).toBe(0);
    const line = lastLine(first.out);
    expect(line).toMatchObject({ state: "completed", counts: { total: 4, succeeded: 4, failed: 0, pending: 0 } });
    expect(line.report).toBe(join(cwd, `out/_darkroom/${line.id}/report.csv`));
    expect((await readFile(line.report ?? "", "utf8")).trim().split("\n")).toHaveLength(5);
    expect(existsSync(join(cwd, "out/portrait-01.jpg"))).toBe(true);
    expect(first.err).toMatch(/twin does the work: nothing is paid/);

    const second = await runCommand(ENHANCE, { cwd });
    expect(second.code, second.err).toBe(0);
    expect(second.out).toMatch(/state +completed\nportraits +4 of 4 done · 4 delivered already\n/);

    const crops = await runCommand([...ENHANCE, "--deliver", "signature"], { cwd });
    expect(crops.out).toMatch(
      /^crops +4: 1 crop added, in signature\/ \(portrait-01\.jpg(?:, portrait-\d+\.jpg){3}\)$/m,
    );

    const report = await runCommand(["report", line.id.slice(0, 24), "--jsonl"], { cwd });
    expect(
      report.out
        .trim()
        .split("\n")
        .map((text) => (JSON.parse(text) as { outcome: string }).outcome),
    ).toEqual(Array.from({ length: 4 }, () => "ok"));
    expect((await runCommand(["list", "--json"], { cwd })).out).toContain(line.id);
  });

  it("stops its Redis in order, so that the next command waits for no lost claims", TIMEOUT, async () => {
    const first = await runCommand(ENHANCE, { cwd });
    expect(first.code, first.err).toBe(0);
    const local = await findOrStartRedis({ dataDir: join(cwd, ".darkroom"), log: () => undefined, persistent: true });
    const redis = connectRedis({ url: local.url, name: "test", onError: () => undefined });
    const since = await new FailoverDetector(redis, "darkroom").since();
    await closeRedis(redis);
    await local.close();
    expect(since).toBe(0);
  });

  it("enhances a folder with the simulated Phota, which needs no mode, in its own lane", async () => {
    const phota = ["enhance", "photos", "out", "--preset", "skin-smoothing", "--provider", "phota", "--twin"];
    const first = await runCommand([...phota, "--json"], { cwd, env: shared });
    expect(first.code, first.err).toBe(0);
    const line = lastLine(first.out);
    expect(line).toMatchObject({ state: "completed", counts: { total: 4, succeeded: 4 } });
    expect(first.err).toMatch(/twin does the work: nothing is paid/);
    const kept = await readFile(join(cwd, `out/_darkroom/${line.id}/batch.json`), "utf8");
    expect(JSON.parse(kept)).toMatchObject({ lane: "twin-phota", recipe: { provider: "phota", mode: "max" } });
  });

  it("exits with code 3 and names the failures when some portraits fail", async () => {
    await writeFile(
      join(cwd, "team.csv"),
      "source,department\nphotos/portrait-01.jpg,design\nphotos/nope.jpg,design\n",
    );
    const args = ["enhance", "team.csv", "out", ...RECIPE, "--twin", "--template", "{department}/{name}.{ext}"];
    const { code, out, err } = await runCommand(args, { cwd, env: shared });
    expect(code, err).toBe(3);
    expect(out).toMatch(/failures +source_missing 1/);
    expect(existsSync(join(cwd, "out/design/portrait-01.jpg"))).toBe(true);
    const failed = await runCommand(["portraits", "last", "--state", "failed", "--json"], { cwd, env: shared });
    expect(JSON.parse(failed.out)).toMatchObject({ index: 1, state: "failed", outcome: { code: "source_missing" } });
    expect((await runCommand(["status", "last"], { cwd, env: shared })).code).toBe(3);
  });

  it("names a missing photo by its path, with the photo that it may mean, in a dry run and in a run", async () => {
    await copyFile(join(cwd, "photos/portrait-01.jpg"), join(cwd, "photos/Anna Schmidt.JPG"));
    await writeFile(join(cwd, "team.csv"), "source\nphotos/Anna Schmidt.jpg\nphotos/portrait-02.jpeg\n");
    const args = ["enhance", "team.csv", "missing", ...RECIPE, "--twin"];
    const hints = ["Anna Schmidt.JPG", "portrait-02.jpg"].map(
      (name) => `(there is photos/${name}, which differs only in case, accents or extension)`,
    );
    const dry = await runCommand([...args, "--dry-run"], { cwd, env: shared });
    for (const hint of hints) expect(dry.out).toContain(hint);
    const { code, out } = await runCommand(args, { cwd, env: shared });
    expect(code).toBe(3);
    expect(out).not.toContain("%20");
    const report = await readFile(/^report +(.+)$/m.exec(out)?.[1] ?? "", "utf8");
    expect(report).toContain("photos/Anna Schmidt.jpg: it does not exist");
    for (const hint of hints) expect(report).toContain(hint);
  });

  it("sends a local folder through the storage of a provider that cannot reach this machine", async () => {
    const twin = await startTwin({ latencyMs: 5, work: "light" });
    try {
      const address = { EACHLABS_BASE_URL: twin.url, EACHLABS_STORAGE_URL: twin.url };
      const env = { ...shared, EACHLABS_API_KEY: twin.apiKey, ...address };
      const { code, out, err } = await runCommand(["enhance", "photos", "out", ...RECIPE], { cwd, env });
      expect(code, `${out}${err}`).toBe(0);
      const photos = await readdir(join(cwd, "photos"));
      expect(await readdir(join(cwd, "out"))).toEqual(expect.arrayContaining(photos));
      expect([twin.ledger().billed, twin.stats().uploads]).toEqual([photos.length, photos.length]);
    } finally {
      await twin.close();
    }
  });

  it.each([
    ["a missing mode", ["enhance", "photos", "out", "--preset", "skin-smoothing"], /--mode eco.*--mode max/],
    ["no provider", ["enhance", "photos", "out", ...RECIPE], /EACHLABS_API_KEY.*--twin/],
  ])("rejects %s with code 2, and leaves nothing behind", async (_, args, message) => {
    await rm(join(cwd, ".darkroom"), { recursive: true });
    const { code, out, err } = await runCommand(args, { cwd });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(message);
    expect(existsSync(join(cwd, ".darkroom"))).toBe(false);
  });
});

describe("Ctrl-C", () => {
  it("ends the simulator's calls without losing any, leaves no process, and watch continues", TIMEOUT, async () => {
    // Slow enough that no portrait ends before the signal, which is sent once the source is read.
    const slow = { DARKROOM_TWIN_CLOCK: "0.05", DARKROOM_LANE_CONCURRENCY: "2", ...PRICES };
    const running = spawnCommand([...ENHANCE, "--json"], { cwd, env: slow });
    await until(() => /^running: .*2 running/m.test(running.err()), { what: "portraits to run", timeoutMs: 120_000 });
    const redis = await redisPid();
    expect(isAlive(redis)).toBe(true);
    running.child.kill("SIGINT");
    running.child.kill("SIGINT");
    const { code, out, err } = await running.ended;
    expect(code, err).toBe(130);
    const { id: batchId, ...stopped } = lastLine(out);
    expect(stopped).toMatchObject({
      state: "running",
      report: null,
      counts: { total: 4, succeeded: 2, failed: 0, running: 0, retrying: 0 },
    });
    expect(err).toContain(`Continue with: darkroom watch ${batchId}, or end it with: darkroom cancel ${batchId}`);
    expect(isAlive(redis)).toBe(false);
    expect(existsSync(join(cwd, ".darkroom/run/redis.json"))).toBe(false);

    // A command with another order leaves the stopped batch unchanged.
    const other = await runCommand(["enhance", "photos", "other", ...RECIPE, "--twin", "--json"], { cwd });
    expect(other.code, other.err).toBe(0);
    const left = await runCommand(["status", batchId, "--json"], { cwd });
    expect(lastLine(left.out)).toMatchObject({ counts: { total: 4, succeeded: 2 }, unattended: { lacks: [] } });
    expect((await runCommand(["list"], { cwd })).out).toMatch(new RegExp(`${batchId} +no process works on it`));

    const watched = await runCommand(["watch", batchId, "--json"], { cwd });
    expect(watched.code, watched.err).toBe(0);
    expect(lastLine(watched.out)).toMatchObject({
      id: batchId,
      state: "completed",
      counts: { total: 4, succeeded: 4 },
      costUsd: 0.2,
      lostUsd: 0,
      maybeBilled: 0,
    });
  });

  it("never lets the paid account continue the simulator's work", async () => {
    const submitted = await runCommand(["submit", "photos", "out", ...RECIPE, "--twin"], { cwd, env: shared });
    expect(submitted.code, submitted.err).toBe(0);
    const env = { ...shared, EACHLABS_API_KEY: "never-sent", EACHLABS_BASE_URL: "http://127.0.0.1:9" };
    const { code, out, err } = await runCommand(["watch", submitted.out.trim(), "--json"], { cwd, env });
    expect(code, err).toBe(0);
    expect(lastLine(out)).toMatchObject({ state: "completed", counts: { succeeded: 4 } });
  });
});

describe("start", () => {
  it("serves commands of the same folder and others by URL until it is stopped", { timeout: 120_000 }, async () => {
    const stack = spawnCommand(["start", "--twin", "--json"], { cwd, env: { DARKROOM_PORT: "0" } });
    await until(() => stack.out().includes("\n"), { what: "the stack", timeoutMs: 30_000 });
    const { apiUrl, docsUrl } = JSON.parse(stack.out()) as { apiUrl: string; docsUrl: string };
    expect((await fetch(docsUrl)).status).toBe(200);

    const again = await runCommand(["start", "--twin"], { cwd });
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining(apiUrl) });

    const found = await runCommand([...ENHANCE, "--json"], { cwd });
    expect(found.code, found.err).toBe(0);
    expect(lastLine(found.out)).toMatchObject({ state: "completed", counts: { succeeded: 4 } });

    await using elsewhere = await tempFolder();
    await writeFile(join(elsewhere.path, "team.jsonl"), `{"source":"file://${cwd}/photos/portrait-02.jpg"}\n`);
    const options = { cwd: elsewhere.path, env: { DARKROOM_API_URL: apiUrl } };
    const named = await runCommand(["enhance", "team.jsonl", "out", ...RECIPE, "--json"], options);
    expect(named.code, named.err).toBe(0);
    expect(lastLine(named.out)).toMatchObject({ state: "completed", counts: { total: 1, succeeded: 1 } });
    expect(existsSync(join(elsewhere.path, ".darkroom"))).toBe(false);

    const added = await runCommand(
      ["schedule", "add", "photos", "nightly/{date}", "--cron", "0 2 * * *", "--id", "nightly", ...RECIPE],
      { cwd },
    );
    expect(added.code, added.err).toBe(0);
    const ran = await runCommand(["schedule", "run", "nightly", "--json"], { cwd });
    expect(ran.code, ran.err).toBe(0);
    expect((await runCommand(["watch", "last"], { cwd })).code).toBe(0);
    const dated = [expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/), "_darkroom"];
    expect((await readdir(join(cwd, "nightly"))).toSorted()).toEqual(dated);
    expect((await runCommand(["schedule", "pause", "nightly", "--reason", "holidays"], { cwd })).code).toBe(0);
    expect((await runCommand(["schedule", "list"], { cwd })).out).toMatch(
      /paused[^]*nightly: paused since .*: holidays/,
    );
    expect((await runCommand(["schedule", "resume", "nightly"], { cwd })).out).toMatch(/nightly runs next at/);
    expect((await runCommand(["schedule", "remove", "nightly"], { cwd })).code).toBe(0);

    const redis = await redisPid();
    stack.child.kill("SIGTERM");
    expect(await stack.ended).toMatchObject({ code: 0 });
    expect(isAlive(redis)).toBe(false);
    expect(existsSync(join(cwd, ".darkroom/run/stack.json"))).toBe(false);
  });

  it(
    "uses no folder of the machine that was not named, if other machines can reach it",
    { timeout: 60_000 },
    async () => {
      const apiKey = "key-of-this-test";
      const env = { DARKROOM_PORT: "0", DARKROOM_HOST: "0.0.0.0", DARKROOM_API_KEY: apiKey };
      const stack = spawnCommand(["start", "--twin", "--json"], { cwd, env });
      await until(() => stack.out().includes("\n"), { what: "the stack", timeoutMs: 30_000 });
      const { apiUrl } = JSON.parse(stack.out()) as { apiUrl: string };
      const response = await fetch(`${apiUrl.replace("0.0.0.0", "127.0.0.1")}/v1/batches`, {
        method: "POST",
        headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
        body: JSON.stringify({
          source: pathToFileURL(join(cwd, "photos/")).href,
          destination: pathToFileURL(join(cwd, "out/")).href,
          recipe: { preset: "skin-smoothing", mode: "eco" },
        }),
      });
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(await response.text()).toContain("DARKROOM_LOCAL_ROOTS");
      expect(existsSync(join(cwd, "out"))).toBe(false);
      stack.child.kill("SIGTERM");
      expect(await stack.ended).toMatchObject({ code: 0 });
    },
  );
});

describe("doctor", () => {
  it("succeeds with the simulator, and never shows a key", async () => {
    const env = {
      ...shared,
      DARKROOM_TWIN: "true",
      EACHLABS_API_KEY: "hunter2",
      AWS_ACCESS_KEY_ID: "a",
      AWS_SECRET_ACCESS_KEY: "hunter3",
    };
    const { code, out } = await runCommand(["doctor", "photos"], { cwd, env });
    expect(out).toMatch(/ok +keys +EACHLABS_API_KEY is set/);
    expect(out).toMatch(/ok +provider +the twin/);
    expect(out).toMatch(/ok +store +.*begins with portrait-01\.jpg/);
    expect(out).toMatch(/ok +store +.*can be written/);
    expect(await readdir(join(cwd, "photos"))).not.toContainEqual(expect.stringContaining("darkroom-doctor"));
    expect(out).not.toMatch(/hunter/);
    expect(code, out).toBe(0);
  });

  it("queries each provider with a key, and reports rejected keys", async () => {
    const twin = await startTwin();
    const env = {
      ...shared,
      DARKROOM_TWIN: "true",
      EACHLABS_BASE_URL: twin.url,
      EACHLABS_API_KEY: twin.apiKey,
      PHOTA_BASE_URL: twin.url,
      PHOTA_API_KEY: "hunter2",
    };
    try {
      const { code, out } = await runCommand(["doctor", "photos"], { cwd, env });
      expect(out).toMatch(/ok +keys +EACHLABS_API_KEY and PHOTA_API_KEY are set/);
      expect(out).toMatch(
        /ok +provider +each::sense at 127\.0\.0\.1:\d+ answers, and accepts the key\. Balance: not checked/,
      );
      expect(out).toMatch(/failed +provider +Phota at 127\.0\.0\.1:\d+ rejects the key \(401\): check PHOTA_API_KEY/i);
      expect(out).not.toContain("hunter2");
      expect(code).not.toBe(0);
      const good = await runCommand(["doctor", "photos"], { cwd, env: { ...env, PHOTA_API_KEY: twin.apiKey } });
      expect(good.code, good.out).toBe(0);
      const wrong = await runCommand(["doctor", "photos"], { cwd, env: { ...env, EACHLABS_API_KEY: "hunter2" } });
      expect(wrong.out).toMatch(/failed +provider +each::sense .* rejects the key \(401\): check EACHLABS_API_KEY/i);
      const list = JSON.stringify([{ lane: "twin-b", provider: "each-sense", keyVariable: "B_KEY" }]);
      const listed = { ...env, PHOTA_API_KEY: twin.apiKey, DARKROOM_ACCOUNTS: list, B_KEY: "hunter2" };
      const both = await runCommand(["doctor", "photos"], { cwd, env: listed });
      expect(both.out).toMatch(/failed +provider +each::sense .*\(account twin-b\) rejects the key/i);
      expect(twin.ledger().billed).toBe(0);
    } finally {
      await twin.close();
    }
  });

  it("queries a running simulator without a key, as a run would use it", async () => {
    const twin = await startTwin();
    try {
      const env = { ...shared, DARKROOM_TWIN: "true", EACHLABS_BASE_URL: twin.url };
      const { code, out } = await runCommand(["doctor"], { cwd, env });
      const { host } = new URL(twin.url);
      expect(out).toContain(`each::sense at ${host} answers`);
      expect(out).toContain(`Phota at ${host} answers`);
      expect(code, out).toBe(0);
    } finally {
      await twin.close();
    }
  });

  it("queries the provider through the proxy, names it, and shows no password", async () => {
    const asked: string[] = [];
    const proxy = createServer(({ url = "" }, response) => {
      asked.push(url);
      response.end("{}");
    }).listen(0, "127.0.0.1");
    await once(proxy, "listening");
    const { port } = proxy.address() as AddressInfo;
    const env = {
      ...shared,
      EACHLABS_BASE_URL: "http://provider.test",
      EACHLABS_API_KEY: "a-key",
      HTTP_PROXY: `http://me:hunter2@127.0.0.1:${port}`,
      NO_PROXY: "cdn.test",
    };
    try {
      const { out } = await runCommand(["doctor"], { cwd, env });
      expect(out).toMatch(/ok +proxy +https through http:\/\/127\.0\.0\.1:\d+, .*without a proxy: cdn\.test/);
      expect(out).toMatch(/ok +provider +.*provider\.test answers through the proxy/);
      expect(out).not.toContain("hunter2");
      expect(asked).toEqual([expect.stringMatching(/^http:\/\/provider\.test\/memory\?session_id=darkroom-doctor-/)]);
    } finally {
      proxy.closeAllConnections();
      proxy.close();
    }
  });

  it("reports what is wrong with Redis, and exits with 5", async () => {
    const { code, out } = await runCommand(["doctor", "--json"], { cwd, env: { REDIS_URL: "redis://127.0.0.1:9" } });
    expect(code).toBe(5);
    const { checks } = JSON.parse(out) as { checks: { name: string; result: string; message: string }[] };
    expect(checks.find(({ name }) => name === "Redis")).toMatchObject({
      result: "failed",
      message: expect.stringContaining("REDIS_URL"),
    });
  });
});

describe("demo", () => {
  it("enhances the team in S3, shows a retry, and leaves checked results", { timeout: 120_000 }, async () => {
    const { endpoint, accessKeyId, secretAccessKey } = testS3();
    const env = { S3_TEST_ENDPOINT: endpoint, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
    const { code, out, err } = await runCommand(["demo"], { cwd, env });
    expect(code, `${out}${err}`).toBe(0);
    expect(err).toMatch(/HTTP 503.*next attempt/);
    expect(out).toMatch(/portrait-03\.jpg +ok +2 /);
    expect(out).toMatch(/twin did this, not the paid provider/);
    expect(out).toMatch(/consistency \d+ of 100 over \d+ portraits; 1 stands out/);
    expect(out.match(/\S+ stands out: .*/g)).toEqual([
      expect.stringMatching(/^sales\/portrait-05\.jpg stands out: .*EV darker than the team/),
    ]);
    const report = await readFile(join(cwd, "out/demo/report.csv"), "utf8");
    expect(report.trim().split("\n").length - 1).toBe(out.match(/ ok +[12] +\d/g)?.length);
    expect((await readFile(join(cwd, "out/demo/contact-sheet.png"))).subarray(1, 4).toString()).toBe("PNG");
  });
});
