import { execFile } from "node:child_process";
import { cp, mkdir, readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, it } from "vitest";
import { until, type TempFolder } from "@darkroom/testkit";
import { commandFolder } from "./command-folder.ts";
import { spawnCommand, stopCommands } from "../src/test-kit/test-command.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const README_API = "http://127.0.0.1:8080";

let folder: TempFolder;
beforeEach(async () => {
  folder = await commandFolder();
  await cp(join(ROOT, "examples"), join(folder.path, "examples"), { recursive: true });
});
afterEach(async () => {
  await stopCommands();
  await folder.remove();
});

/** Returns the shell blocks of a section, in order. */
async function blocksOf(file: string, heading: string): Promise<readonly string[]> {
  const text = await readFile(join(ROOT, file), "utf8");
  const [, section = ""] = text.split(`\n${heading}\n`);
  const [own = ""] = section.split(/\n#{1,3} /);
  return [...own.matchAll(/```sh\n(.*?)```/gs)].map(([, block = ""]) => block);
}

/** Runs a block as if pasted by a user, but stops at the first line that fails. */
async function paste(block: string): Promise<string> {
  const env = { PATH: process.env["PATH"], HOME: process.env["HOME"], DARKROOM_TWIN_CLOCK: "100" };
  const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", block], { cwd: folder.path, env });
  return stdout;
}

it("the README's API examples work when they are pasted", { timeout: 120_000 }, async () => {
  const [start = "", use = ""] = await blocksOf("README.md", "### By API");
  expect(start).toContain("npm start -- --twin");
  const stack = spawnCommand(["start", "--twin", "--json"], { cwd: folder.path, env: { DARKROOM_PORT: "0" } });
  const line = await until(() => /^\{.*\}$/m.exec(stack.out())?.[0], { what: "the stack", timeoutMs: 60_000 });
  const { apiUrl } = JSON.parse(line) as { apiUrl: string };
  expect(use).toContain(README_API);
  const out = await paste(use.replace(README_API, apiUrl));
  expect(out).toContain("event: batch-end");
  const report = (await readdir(folder.path)).find((name) => name.endsWith(".csv"));
  const rows = (await readFile(join(folder.path, report ?? ""), "utf8")).trim().split("\n");
  expect(rows).toHaveLength(15);
  expect(rows.slice(1).every((row) => row.includes("ok"))).toBe(true);
});

it("the README's quick start makes a picture of each photo", { timeout: 120_000 }, async () => {
  const [block = ""] = await blocksOf("README.md", "## Quick start");
  const command = /^\.\/darkroom (.*)$/m.exec(block)?.[1] ?? "";
  const { ended } = spawnCommand(command.split(" "), { cwd: folder.path });
  const { code, err } = await ended;
  expect(code, err).toBe(0);
  const made = await readdir(join(folder.path, "enhanced"), { recursive: true });
  const pictures = made.filter((name) => /\.(?:jpe?g|png)$/.test(name) && !name.startsWith("_darkroom"));
  expect(pictures).toHaveLength(14);
});

it("an operator's free trial works as the guide describes", { timeout: 120_000 }, async () => {
  const [block = ""] = await blocksOf("docs/first-batch.md", "## 1. Try it for free");
  await mkdir(join(folder.path, "photos"));
  await cp(join(ROOT, "examples/team"), join(folder.path, "photos"), { recursive: true });
  const commands = block.split("\n").flatMap((line) => /^darkroom ([^#]*)/.exec(line)?.[1]?.trim() ?? []);
  expect(commands).toHaveLength(3);
  for (const command of commands) {
    const { code, out, err } = await spawnCommand(command.split(" "), { cwd: folder.path }).ended;
    expect(code, `${command}\n${out}${err}`).toBe(0);
  }
});
