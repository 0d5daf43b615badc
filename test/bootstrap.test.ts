import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, realpath, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const REPOSITORY = fileURLToPath(new URL("..", import.meta.url));

/** Replaces npx: records its arguments, and installs a Node. */
const INSTALLER = `#!/bin/sh
echo "$@" >> "$INSTALLER_LOG"
echo "words of the installer"
[ -z "\${INSTALLER_FAILS-}" ] || exit 1
mkdir -p node_modules/.bin
ln -sf "$REAL_NODE" node_modules/.bin/node
`;

/** Replaces the CLI: prints its arguments; \`wait\` waits for a signal. */
const CLI = `
import fs from "node:fs";
const args = process.argv.slice(2);
if (args[0] === "wait") {
  const timer = setInterval(() => {}, 1_000);
  process.once("SIGTERM", () => { console.log("quiet"); clearInterval(timer); });
}
if (args[0] === "hang-up") {
  const timer = setInterval(() => {}, 1_000);
  process.once("SIGHUP", () => clearInterval(timer));
  fs.writeFileSync("waits", "");
}
console.log(JSON.stringify({ cwd: process.cwd(), args }));
if (args[0] === "code") process.exit(Number(args[1]));
if (args[0] === "die") process.kill(process.pid, "SIGKILL");
`;

let root: string;
let env: NodeJS.ProcessEnv;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "darkroom-bootstrap-")));
  for (const folder of ["scripts", "bin", "elsewhere", "apps/cli/src"])
    await mkdir(join(root, folder), { recursive: true });
  await cp(join(REPOSITORY, "scripts/bootstrap.mjs"), join(root, "scripts/bootstrap.mjs"));
  await cp(join(REPOSITORY, "darkroom"), join(root, "darkroom"));
  await writeFile(
    join(root, "package.json"),
    JSON.stringify({ type: "module", packageManager: "pnpm@1.2.3+sha512.abc" }),
  );
  await writeFile(join(root, "apps/cli/package.json"), '{ "type": "module" }');
  await writeFile(join(root, "apps/cli/src/main.ts"), CLI);
  await writeFile(join(root, "bin/npx"), INSTALLER, { mode: 0o755 });
  env = {
    PATH: `${join(root, "bin")}:${join(process.execPath, "..")}:${process.env["PATH"] ?? ""}`,
    INSTALLER_LOG: join(root, "installs"),
    REAL_NODE: process.execPath,
  };
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(file: string, args: string[], cwd = root): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(file, args, { cwd, env }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr });
    });
  });
}

function bootstrap(...args: string[]): Promise<Ended> {
  return run(process.execPath, [join(root, "scripts/bootstrap.mjs"), ...args]);
}

async function installs(): Promise<string[]> {
  return (await readFile(join(root, "installs"), "utf8")).trim().split("\n");
}

test("installs with the pinned pnpm once, and again when a manifest has changed", async () => {
  await bootstrap("install");
  await bootstrap("install");
  expect(await installs()).toEqual(["-y pnpm@1.2.3 install --frozen-lockfile"]);
  await writeFile(join(root, "apps/cli/package.json"), '{ "type": "module", "version": "2.0.0" }');
  await bootstrap("install");
  expect(await installs()).toHaveLength(2);
});

test("installs once when two start at the same time", async () => {
  const both = await Promise.all([bootstrap("install"), bootstrap("install")]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(await installs()).toHaveLength(1);
});

test("ignores a dead process's lock", async () => {
  await mkdir(join(root, ".cache"));
  await writeFile(join(root, ".cache/bootstrap.lock"), "999999999");
  expect(await bootstrap("install")).toMatchObject({ code: 0 });
  expect(await installs()).toHaveLength(1);
});

test("shows the installer's output when an installation fails, and tries again", async () => {
  env["INSTALLER_FAILS"] = "yes";
  const failed = await bootstrap("cli");
  expect(failed).toMatchObject({ code: 1, stdout: "" });
  expect(failed.stderr).toContain("words of the installer");
  delete env["INSTALLER_FAILS"];
  expect(await bootstrap("cli")).toMatchObject({ code: 0 });
});

test("leaves stdout to the command, which runs in the caller's folder", async () => {
  const link = join(root, "elsewhere/dr");
  await symlink(join(root, "darkroom"), link);
  const { stdout, stderr, code } = await run(link, ["ls", "two words"], join(root, "elsewhere"));
  expect(JSON.parse(stdout)).toEqual({ cwd: join(root, "elsewhere"), args: ["ls", "two words"] });
  expect(stderr).toContain("installed");
  expect(code).toBe(0);
});

test("darkroom starts the pinned Node directly once all is set up, and sets up again when a manifest changes", async () => {
  const darkroom = async (): Promise<Ended> => await run(join(root, "darkroom"), ["ls"]);
  await darkroom();
  expect(await darkroom()).toMatchObject({ code: 0, stderr: "" });
  // Without its script, only the direct start remains possible.
  await rename(join(root, "scripts/bootstrap.mjs"), join(root, "aside.mjs"));
  expect(JSON.parse((await darkroom()).stdout)).toEqual({ cwd: root, args: ["ls"] });
  await rename(join(root, "aside.mjs"), join(root, "scripts/bootstrap.mjs"));
  const later = new Date(Date.now() + 5_000);
  await utimes(join(root, "apps/cli/package.json"), later, later);
  await darkroom();
  expect(await installs()).toHaveLength(1);
  await writeFile(join(root, "apps/cli/package.json"), '{ "type": "module", "version": "2.0.0" }');
  await utimes(join(root, "apps/cli/package.json"), later, later);
  await darkroom();
  expect(await installs()).toHaveLength(2);
});

test("darkroom sets up again when its Node is gone", async () => {
  await run(join(root, "darkroom"), ["ls"]);
  await run(join(root, "darkroom"), ["ls"]);
  await rm(join(root, "node_modules"), { recursive: true });
  expect(await run(join(root, "darkroom"), ["ls"])).toMatchObject({ code: 0 });
  expect(await installs()).toHaveLength(2);
});

test("exits with the command's code, or by its signal", async () => {
  expect(await bootstrap("cli", "code", "7")).toMatchObject({ code: 7 });
  expect(await bootstrap("cli", "die")).toMatchObject({ signal: "SIGKILL" });
});

test("passes SIGTERM on, and waits for the command's end", async () => {
  const child: ChildProcess = spawn(process.execPath, [join(root, "scripts/bootstrap.mjs"), "cli", "wait"], {
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  if (child.stdout === null) throw new Error("no stdout");
  const lines: string[] = [];
  const output = createInterface(child.stdout).on("line", (line) => lines.push(line));
  await once(output, "line");
  child.kill("SIGTERM");
  expect(await once(child, "close")).toEqual([0, null]);
  expect(lines.at(-1)).toBe("quiet");
});

// util-linux provides a terminal for a command line.
test.runIf(existsSync("/usr/bin/script"))(
  "ends like a hang-up, without aborting, when its terminal is closed",
  async () => {
    // The hang-up ends the terminal's own shell, and then reaches the processes that it started. The inner shell stays
    // alive to report the exit code.
    const inner = `trap '' HUP; "${process.execPath}" scripts/bootstrap.mjs cli hang-up 2>said; echo $? >code`;
    await writeFile(join(root, "inner.sh"), inner);
    const words = ["-qec", "sh inner.sh; true", "/dev/null"];
    const terminal = spawn("/usr/bin/script", words, { cwd: root, env, stdio: "ignore" });
    await expect.poll(() => existsSync(join(root, "waits")), { timeout: 20_000 }).toBe(true);
    terminal.kill("SIGKILL");
    const code = async (): Promise<string> => await readFile(join(root, "code"), "utf8").catch(() => "");
    await expect.poll(code, { timeout: 20_000 }).toBe("129\n");
    expect(await readFile(join(root, "said"), "utf8")).not.toContain("Assertion failed");
  },
);

test("rejects an unknown command before it installs anything", async () => {
  const { code, stderr } = await bootstrap("nonsense");
  expect(code).toBe(2);
  expect(stderr).toContain("There is no command nonsense");
  await expect(installs()).rejects.toThrow("ENOENT");
});
