#!/usr/bin/env node
// Installs the pinned packages and a Node that runs TypeScript, then runs one command with it. Needs only Node 18 and
// npm. Writes its messages to stderr, because stdout belongs to the command.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { isatty } from "node:tty";
import { fileURLToPath } from "node:url";

const OLDEST_FOR_BOOTSTRAP = 18;
const OLDEST_FOR_SOURCE = 24;
const FORWARDED = ["SIGINT", "SIGTERM", "SIGHUP"];
const LOCK_POLL_MS = 200;
const PARENT_POLL_MS = 500;

/** Evaluated at the start, because a closed terminal no longer counts as one. */
const hasTerminal = [0, 1, 2].some((fd) => isatty(fd));
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const localBin = join(root, "node_modules", ".bin");
const stampPath = join(root, "node_modules", ".bootstrap");
const lockPath = join(root, ".cache", "bootstrap.lock");
const env = { ...process.env, PATH: localBin + delimiter + (process.env.PATH ?? "") };

/** Returns a command's script, and its working folder: the user's own if arguments are paths. */
function commandOf(name, args) {
  const cli = (...first) => ({ args: [join(root, "apps/cli/src/main.ts"), ...first, ...args], cwd: process.cwd() });
  const tool = (path, ...first) => ({ args: [join(root, path), ...first, ...args], cwd: root });
  switch (name) {
    case "start":
    case "demo":
      return cli(name);
    case "cli":
      return cli();
    case "test":
      return tool("node_modules/vitest/vitest.mjs", "run");
    case "check":
      return tool("scripts/check.mjs");
    case "chaos":
      return tool("test/engine/chaos/main.ts");
    case "screenshots":
      return tool("test/engine/screenshots/main.ts");
    case "format":
      return tool("node_modules/oxfmt/bin/oxfmt");
    case "openapi":
      return tool("scripts/write-openapi.mjs");
    case "simulate":
      return tool("bench/simulation/src/main.ts");
    case "bench":
      return tool("bench/src/main.ts");
    case "install":
      return null;
    default:
      return undefined;
  }
}

await main();

async function main() {
  if (majorOf(process.versions.node) < OLDEST_FOR_BOOTSTRAP) {
    fail(`Darkroom needs Node ${OLDEST_FOR_BOOTSTRAP} or newer to set itself up; this is ${process.version}.`);
  }
  const [name = "start", ...args] = process.argv.slice(2);
  const command = commandOf(name, args);
  if (command === undefined)
    fail(
      `There is no command ${name}: start, demo, cli, test, chaos, check, format, openapi, screenshots, bench, simulate, install.`,
      2,
    );
  if (!isInstalled()) await underLock(install);
  if (command === null) return;
  const node = findNode();
  if (name === "cli") writeStamp(node);
  await become(node, command.args, command.cwd);
}

function majorOf(version) {
  return Number(version.split(".")[0]);
}

/** Returns a stamp that changes with every file that determines what to install. */
function wantedStamp() {
  const hash = createHash("sha256");
  const manifests = ["apps", "packages"].flatMap((folder) =>
    existsSync(join(root, folder))
      ? readdirSync(join(root, folder)).map((name) => join(folder, name, "package.json"))
      : [],
  );
  for (const path of [
    "pnpm-lock.yaml",
    "pnpm-workspace.yaml",
    "package.json",
    "bench/simulation/package.json",
    "bench/package.json",
    "test/engine/package.json",
    ...manifests.sort((a, b) => (a < b ? -1 : 1)),
  ]) {
    if (existsSync(join(root, path)))
      hash
        .update(`${path}\0`)
        .update(readFileSync(join(root, path)))
        .update("\0");
  }
  return hash.update(`${process.platform} ${process.arch}`).digest("hex");
}

function isInstalled() {
  return existsSync(stampPath) && readFileSync(stampPath, "utf8").split("\n")[0] === wantedStamp();
}

/**
 * Writes the file with which `darkroom` starts without this script: the stamp, the machine and the Node. Its
 * modification time matters too: `darkroom` runs this script when a file that determines what to install is newer.
 */
function writeStamp(node) {
  const machine = spawnSync("uname", ["-sm"], { encoding: "utf8" }).stdout ?? "";
  writeFileSync(stampPath, `${wantedStamp()}\n${machine.trim()}\n${node}\n`);
}

async function install() {
  if (isInstalled()) return;
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  say("installing packages…");
  const started = Date.now();
  const { code, output } = await runQuietly("npx", [
    "-y",
    packageManager.split("+")[0],
    "install",
    "--frozen-lockfile",
  ]);
  if (code !== 0) {
    process.stderr.write(output);
    fail("The packages could not be installed; see the installer's output above.");
  }
  writeStamp("");
  say(`installed in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

/**
 * Runs a program in its own process group, so that a signal ends the program and its children, and keeps its output.
 */
function runQuietly(file, args) {
  return new Promise((resolve) => {
    // CI mode, in which the installer asks no questions.
    const child = spawn(file, args, {
      cwd: root,
      env: { ...env, CI: "true" },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    const stop = (signal) => {
      if (child.pid !== undefined) killQuietly(-child.pid, signal);
      rmSync(lockPath, { force: true });
      endBy(signal);
    };
    for (const signal of FORWARDED) process.on(signal, stop);
    child.on("error", (error) => {
      const why = error.code === "ENOENT" ? `${file} is not on PATH: install npm, which includes it.` : error.message;
      resolve({ code: 1, output: `${why}\n` });
    });
    child.on("close", (code) => {
      for (const signal of FORWARDED) process.off(signal, stop);
      resolve({ code: code ?? 1, output });
    });
  });
}

/**
 * Runs an action under a lock, because two installations at once would write to the same folder. The lock contains its
 * holder's pid. A dead holder's lock is ignored.
 */
async function underLock(action) {
  mkdirSync(dirname(lockPath), { recursive: true });
  let said = false;
  for (;;) {
    try {
      writeFileSync(lockPath, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const holder = readLock();
    if (holder !== undefined && !isAlive(holder)) breakLock(holder);
    else {
      if (!said) say("waiting for another installation…");
      said = true;
      await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
    }
  }
  try {
    await action();
  } finally {
    rmSync(lockPath, { force: true });
  }
}

function readLock() {
  try {
    const pid = Number(readFileSync(lockPath, "utf8"));
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Renames the lock first, so that only one of several processes takes over a dead holder's lock. */
function breakLock(holder) {
  const aside = `${lockPath}.${holder}`;
  try {
    if (readLock() === holder) renameSync(lockPath, aside);
  } catch {
    // Another process removed the lock.
  }
  rmSync(aside, { force: true });
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Returns the pinned Node if there is a build for this machine; otherwise the running Node, if it is new enough. */
function findNode() {
  const pinned = join(localBin, "node");
  if (existsSync(pinned)) {
    const { status, stdout } = spawnSync(pinned, ["--version"], { encoding: "utf8" });
    if (status === 0 && majorOf(stdout.trim().slice(1)) >= OLDEST_FOR_SOURCE) return pinned;
  }
  if (majorOf(process.versions.node) >= OLDEST_FOR_SOURCE) return process.execPath;
  return fail(
    `Darkroom needs Node ${OLDEST_FOR_SOURCE} or newer here; this is ${process.version}. ` +
      "There is no build for this machine that could be downloaded: install one from https://nodejs.org.",
  );
}

/** Runs the command in place of this process: with the same signals, terminal and exit code. */
function become(node, args, cwd) {
  return new Promise(() => {
    const child = spawn(node, args, { cwd, env, stdio: "inherit" });
    let isHungUp = false;
    const forward = (signal) => {
      isHungUp ||= signal === "SIGHUP" && hasTerminal;
      child.kill(signal);
    };
    for (const signal of FORWARDED) process.on(signal, forward);
    // npm passes signals only to its shell, and to no process when it is killed.
    if (process.env.npm_lifecycle_event !== undefined) {
      const parent = process.ppid;
      const npm = parentOfShell(parent);
      const isOrphan = () => process.ppid !== parent || (npm !== undefined && !isAlive(npm));
      setInterval(() => isOrphan() && child.kill("SIGTERM"), PARENT_POLL_MS).unref();
    }
    child.on("error", (error) => fail(`${node} could not be started: ${error.message}`));
    child.on("exit", (code, signal) => {
      for (const each of FORWARDED) process.off(each, forward);
      // Node aborts at its exit if it cannot restore a terminal that is gone.
      if (isHungUp) return endBy("SIGHUP");
      if (signal === null) process.exit(code);
      endBy(signal);
    });
  });
}

/** Returns the parent of the shell that started this process; undefined if unknown, or if `pid` is not a shell. */
function parentOfShell(pid) {
  try {
    const [, name, parent] = /^\d+ \((.*)\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
    return name?.endsWith("sh") ? Number(parent) : undefined;
  } catch {
    return undefined;
  }
}

/** Ends with this signal, so that the parent sees the same exit. */
function endBy(signal) {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  // If the parent ignores the signal, as under nohup, the signal does not end this process.
  setTimeout(() => process.exit(1), 1_000);
}

function killQuietly(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // The process has already ended.
  }
}

function say(line) {
  process.stderr.write(`[darkroom] ${line}\n`);
}

function fail(line, code = 1) {
  say(line);
  process.exit(code);
}
