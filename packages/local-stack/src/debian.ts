import { access, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { DarkroomError } from "@darkroom/core";
import { lastLine, runCommand, type CommandResult } from "./run-command.ts";

const UPDATE_TIMEOUT_MS = 120_000;
const DOWNLOAD_TIMEOUT_MS = 120_000;
const INSTALL_TIMEOUT_MS = 300_000;

/** Waits for another apt instead of failing at once. */
const WAIT_FOR_LOCK = ["-o", "DPkg::Lock::Timeout=180"];

let updating: Promise<CommandResult> | undefined;

/** True when packages can be fetched with apt-get. */
export async function hasApt(): Promise<boolean> {
  const { ok } = await runCommand("apt-get", ["--version"], { timeoutMs: 5_000 });
  return ok;
}

/** True when packages can be installed with apt-get. */
export async function mayInstall(): Promise<boolean> {
  return process.getuid?.() === 0 && (await hasApt());
}

/** Refreshes apt's lists, once per process. Needs root. */
function updateLists(): Promise<CommandResult> {
  updating ??= runCommand("apt-get", [...WAIT_FOR_LOCK, "update", "-qq"], { timeoutMs: UPDATE_TIMEOUT_MS });
  return updating;
}

/** Runs `attempt`. If it fails, for example because of missing or old lists, refreshes the lists and retries once. */
async function withLists(attempt: () => Promise<CommandResult>): Promise<CommandResult> {
  const first = await attempt();
  if (first.ok || process.getuid?.() !== 0) return first;
  await updateLists();
  return await attempt();
}

/**
 * Unpacks packages into `folder` without installing them. Keeps an existing folder. Works without root while apt's
 * lists are up to date.
 *
 * @throws DarkroomError `tool_missing` with apt's own message
 */
export async function unpackPackages(packages: readonly string[], folder: string): Promise<void> {
  if (await exists(folder)) return;
  // Unpacked into a temporary folder that is then renamed, because two processes may do this concurrently.
  const aside = `${folder}.${process.pid}`;
  const debs = join(aside, "debs");
  await mkdir(debs, { recursive: true });
  try {
    const download = await withLists(() =>
      runCommand("apt-get", ["-qq", "-o", "APT::Sandbox::User=root", "download", ...packages], {
        timeoutMs: DOWNLOAD_TIMEOUT_MS,
        cwd: debs,
      }),
    );
    if (!download.ok) throw aptError("download", packages, download);
    for (const deb of await readdir(debs)) {
      const unpack = await runCommand("dpkg", ["-x", join(debs, deb), aside], { timeoutMs: 60_000 });
      if (!unpack.ok) throw aptError("unpack", packages, unpack);
    }
    await rm(debs, { recursive: true });
    await rename(aside, folder).catch(async (error: unknown) => {
      if (!(await exists(folder))) throw error;
    });
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/**
 * Installs packages. Needs root.
 *
 * @throws DarkroomError `tool_missing` with apt's own message
 */
export async function installPackages(packages: readonly string[]): Promise<void> {
  // The child inherits the environment, to which `env` adds variables.
  const args = ["DEBIAN_FRONTEND=noninteractive", "apt-get", ...WAIT_FOR_LOCK, "install", "-y", "-qq"];
  const install = await withLists(() =>
    runCommand("env", [...args, "--no-install-recommends", ...packages], { timeoutMs: INSTALL_TIMEOUT_MS }),
  );
  if (!install.ok) throw aptError("install", packages, install);
}

function aptError(what: string, packages: readonly string[], result: CommandResult): DarkroomError {
  return new DarkroomError("tool_missing", `apt could not ${what} ${packages.join(", ")}: ${lastLine(result.stderr)}`);
}

export async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
