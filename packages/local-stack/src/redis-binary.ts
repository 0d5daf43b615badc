import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "@darkroom/core";
import { exists, hasApt, unpackPackages } from "./debian.ts";
import { runCommand } from "./run-command.ts";

/** A Redis (or Valkey) server program that runs on this machine. */
export interface RedisBinary {
  readonly file: string;
  /** Environment variables that the program needs. */
  readonly env: Readonly<Record<string, string>>;
  /** Description of the program's origin. */
  readonly how: string;
}

const NAMES = ["redis-server", "valkey-server"];
/** Debian's server package only adds a service. The program itself is in redis-tools. */
const DEBIAN_PACKAGES = ["redis-tools", "libjemalloc2", "liblzf1"];
const DEBIAN_LIBRARIES: Readonly<Record<string, string>> = { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" };

/**
 * Finds the server on PATH, or unpacks Debian's package into `cacheDir`. Returns undefined when neither works, and
 * passes the reason to `log`.
 */
export async function findRedisBinary(cacheDir: string, log: (line: string) => void): Promise<RedisBinary | undefined> {
  for (const name of NAMES) {
    const version = await runCommand(name, ["--version"], { timeoutMs: 5_000 });
    if (version.ok) return { file: name, env: {}, how: `${name} ${versionIn(version.stdout)}` };
  }
  const libraries = DEBIAN_LIBRARIES[process.arch];
  if (process.platform !== "linux" || libraries === undefined || !(await hasApt())) return undefined;
  try {
    return await unpackedBinary(join(cacheDir, `redis-debian-${process.arch}`), libraries);
  } catch (error) {
    log(`Redis from Debian's packages: ${messageOf(error)}`);
    return undefined;
  }
}

async function unpackedBinary(folder: string, libraries: string): Promise<RedisBinary> {
  await unpackPackages(DEBIAN_PACKAGES, folder);
  const file = join(folder, "usr/bin/redis-server");
  // Debian ships one program with several names. The program acts as a server when it is called redis-server.
  if (!(await exists(file))) {
    await symlink("redis-check-rdb", file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
  const env = { LD_LIBRARY_PATH: `${join(folder, "usr/lib", libraries)}:${join(folder, "lib", libraries)}` };
  const version = await runCommand(file, ["--version"], { timeoutMs: 5_000, env });
  if (!version.ok) throw new Error(`the program does not run: ${version.stderr.trim()}`);
  return { file, env, how: `redis-server ${versionIn(version.stdout)} (unpacked from Debian's packages)` };
}

function versionIn(text: string): string {
  return /v=(\S+)/.exec(text)?.[1] ?? "of unknown version";
}
