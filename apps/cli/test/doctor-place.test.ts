import { existsSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { until, type TempFolder } from "@darkroom/testkit";
import { commandFolder } from "./command-folder.ts";
import { runCommand, spawnCommand, stopCommands } from "../src/test-kit/test-command.ts";

let folder: TempFolder;
let cwd: string;
beforeEach(async () => {
  folder = await commandFolder();
  cwd = folder.path;
});
afterEach(async () => {
  await stopCommands();
  await folder.remove();
});

async function doctor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { code, out, err } = await runCommand(["doctor", ...args, "--json"], { cwd, env });
  const { checks } = JSON.parse(out) as { checks: { name: string; result: string; message: string }[] };
  const of = (name: string): readonly string[] =>
    checks.filter((check) => check.name === name).map(({ result, message }) => `${result}: ${message}`);
  return { code, err, of };
}

it("fails for a source that does not exist, and creates none", async () => {
  const { code, of } = await doctor(["./typo", "--source"]);
  expect(of("store")).toEqual([expect.stringMatching(/^failed: there is no .*typo\/?: name a folder that exists$/)]);
  expect(code).toBe(1);
  expect(existsSync(join(cwd, "typo"))).toBe(false);
});

it("warns about a source without a photo", async () => {
  await mkdir(join(cwd, "photos"));
  expect((await doctor(["photos", "--source"])).of("store")).toEqual([
    expect.stringMatching(/^warning: .*it is empty/),
  ]);
});

it("reports that a destination can be created, and undoes the check's own changes", async () => {
  await mkdir(join(cwd, "kept"));
  const { of } = await doctor(["kept/new/deep"]);
  expect(of("store")).toEqual([expect.stringMatching(/^ok: .*does not exist yet, but can be created and written/)]);
  expect(await readdir(join(cwd, "kept"))).toEqual([]);
});

it("fails for a destination blocked by a file, and leaves the file", async () => {
  await writeFile(join(cwd, "a-file"), "");
  expect((await doctor(["a-file/out"])).of("store")).toEqual([expect.stringMatching(/^failed: /)]);
  expect(await readdir(cwd)).toContain("a-file");
});

it("checks everything else if settings are invalid, and names them", async () => {
  const { code, of } = await doctor([], { DARKROOM_TWIN: "ture", DARKROOM_BREAKER_PERCENT: "130" });
  expect(of("settings").join()).toMatch(/^failed: [^]*DARKROOM_TWIN must be[^]*DARKROOM_BREAKER_PERCENT must be/);
  expect(of("Node")).toEqual([expect.stringMatching(/^ok: /)]);
  expect(of("disk")).toHaveLength(1);
  expect(code).toBe(2);
});

it("asks the stack of the folder whether it may use the location", async () => {
  const env = { DARKROOM_LOCAL_ROOTS: join(cwd, "allowed"), DARKROOM_PORT: "0" };
  await mkdir(join(cwd, "allowed"));
  const stack = spawnCommand(["start", "--twin"], { cwd, env });
  await until(() => stack.out().includes("Darkroom runs."), { what: "the stack", timeoutMs: 120_000 });
  const refused = await doctor(["elsewhere"]);
  expect(refused.of("store")).toEqual([expect.stringMatching(/^failed: .*DARKROOM_LOCAL_ROOTS.*the stack that runs/s)]);
  expect(existsSync(join(cwd, "elsewhere"))).toBe(false);
  // The stack works with the twin, which needs no key.
  expect([...refused.of("keys"), ...refused.of("provider")].filter((line) => !line.startsWith("ok"))).toEqual([]);
  expect((await doctor(["allowed/out"])).of("store")).toEqual([expect.stringMatching(/^ok: /)]);

  // Another stack in another folder finds the port in use.
  const port = new URL(/API +(\S+)/.exec(stack.out())?.[1] ?? "").port;
  const other = await runCommand(["start", "--twin"], {
    cwd,
    env: { DARKROOM_PORT: port, DARKROOM_DATA_DIR: join(cwd, "other") },
  });
  expect(other.err).toContain(`darkroom: Port ${port} is in use; set DARKROOM_PORT to another one.`);
  expect(other.code).toBe(2);
});
