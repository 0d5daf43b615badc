import { constants, realpathSync, type BigIntStats } from "node:fs";
import { lstat, mkdir, open, realpath, rmdir, type FileHandle } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { DarkroomError } from "@darkroom/core";
import { isMissing, systemCode } from "./local-errors.ts";

/** Opens for reading without blocking, so that a pipe without a writer is not mistaken for a file. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;
/** Undefined on Windows. */
const NO_FOLLOW = (constants as { readonly O_NOFOLLOW?: number }).O_NOFOLLOW;
/**
 * How long real paths of folders are cached, because a batch's files share a few folders. After a folder is replaced by
 * a link out of the store, the folder stays readable for at most this time.
 */
const KNOWN_MS = 100;
const MOST_FOLDERS = 1_024;

/** True when `path` equals `folder` or is inside it; both without symbolic links. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** Resolves symbolic links in the existing part of `path`. */
export function realPathSoFar(path: string): string {
  try {
    return realpathSync.native(path);
  } catch (error) {
    const parent = dirname(path);
    if (!isMissing(error) || parent === path) throw error;
    return join(realPathSoFar(parent), basename(path));
  }
}

/** Returns the folder of a `file:` URL of a folder or an object in it, without symbolic links. */
export function realFolderOf(url: string): string {
  const path = fileURLToPath(url);
  return realPathSoFar(resolve(url.endsWith("/") ? path : dirname(path)));
}

/**
 * A folder on disk and the paths of its keys. Follows symbolic links within the folder, and denies reads and writes
 * through links that lead out of it.
 */
export class LocalFolder {
  /** Without symbolic links. */
  readonly real: string;
  readonly #known = new Map<string, { readonly path: string; readonly untilMs: number }>();

  constructor(folder: string) {
    this.real = realPathSoFar(resolve(folder));
  }

  /** Opens a key's file for reading and returns its resolved path. Throws the system's ENOENT. */
  async open(key: string): Promise<{ readonly file: FileHandle; readonly path: string }> {
    if (NO_FOLLOW !== undefined) {
      const path = join(await this.#lately(key), basename(key));
      try {
        return { path, file: await open(path, OPEN_FLAGS | NO_FOLLOW) };
      } catch (error) {
        // The file is a symbolic link. The code below checks its target.
        if (systemCode(error) !== "ELOOP") throw error;
      }
    }
    const path = this.#inside(await realpath(join(this.real, key)), key);
    return { path, file: await open(path, OPEN_FLAGS) };
  }

  /** Returns the facts of a key's file, or of a symbolic link in its place. Throws the system's ENOENT. */
  async look(key: string): Promise<BigIntStats> {
    return await lstat(join(await this.#lately(key), basename(key)), { bigint: true });
  }

  /** Returns the resolved folder of a key's file. Throws the system's ENOENT. */
  async parent(key: string): Promise<string> {
    return await this.#look(dirname(join(this.real, key)), key);
  }

  /** {@link parent} from a short-lived cache. Only for reads. */
  async #lately(key: string): Promise<string> {
    const folder = dirname(join(this.real, key));
    const known = this.#known.get(folder);
    if (known !== undefined && known.untilMs > performance.now()) return known.path;
    return await this.#look(folder, key);
  }

  async #look(folder: string, key: string): Promise<string> {
    this.#known.delete(folder);
    const path = this.#inside(await realpath(folder), key);
    if (this.#known.size >= MOST_FOLDERS) this.#known.clear();
    this.#known.set(folder, { path, untilMs: performance.now() + KNOWN_MS });
    return path;
  }

  /**
   * {@link parent}, but creates the folder if it is missing.
   *
   * @returns whether a folder was created
   */
  async makeParent(key: string): Promise<{ readonly path: string; readonly made: boolean }> {
    try {
      return { path: await this.parent(key), made: false };
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    const wished = dirname(join(this.real, key));
    // Checked before anything is created, because a link on the path may lead out of the store.
    this.#inside(realPathSoFar(wished), key);
    await mkdir(wished, { recursive: true });
    return { path: await this.parent(key), made: true };
  }

  /** Removes `path` and its parents, up to the store's folder, while they are empty. */
  async prune(path: string): Promise<void> {
    this.#known.clear();
    for (let at = path; at !== this.real && isWithin(at, this.real); at = dirname(at)) {
      try {
        await rmdir(at);
      } catch {
        return;
      }
    }
  }

  #inside(path: string, key: string): string {
    if (isWithin(path, this.real)) return path;
    const message = `${key} is, or lies behind, a symbolic link that leads out of ${this.real}; replace the link with a copy`;
    throw new DarkroomError("storage_denied", message);
  }
}
