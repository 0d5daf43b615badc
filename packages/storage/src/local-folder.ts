import { constants, realpathSync } from "node:fs";
import { mkdir, open, realpath, rmdir, type FileHandle } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { DarkroomError } from "@darkroom/core";
import { isMissing, systemCode } from "./local-errors.ts";

/** For reading; a pipe that nobody writes to is opened at once, and found to be no file. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;
/** Not there on Windows. */
const NO_FOLLOW = (constants as { readonly O_NOFOLLOW?: number }).O_NOFOLLOW;
/**
 * The files of a batch lie in the same few folders; where these really are is looked up this often. A folder that is
 * replaced by a link out of the store is read through for as long at most.
 */
const KNOWN_MS = 100;
const MOST_FOLDERS = 1_024;

/** True when `path` is `folder` or lies in it; both without symbolic links. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** `path` without symbolic links, as far as it exists. */
export function realPathSoFar(path: string): string {
  try {
    return realpathSync.native(path);
  } catch (error) {
    const parent = dirname(path);
    if (!isMissing(error) || parent === path) throw error;
    return join(realPathSoFar(parent), basename(path));
  }
}

/** The folder that a `file:` URL, of a folder or of an object in one, lies in, without symbolic links. */
export function realFolderOf(url: string): string {
  const path = fileURLToPath(url);
  return realPathSoFar(resolve(url.endsWith("/") ? path : dirname(path)));
}

/**
 * A folder on disk and the paths of keys in it. Symbolic links are followed as long as they stay in the folder; what
 * leads out of it is denied, for reading and for writing.
 */
export class LocalFolder {
  /** Without symbolic links. */
  readonly real: string;
  readonly #known = new Map<string, { readonly path: string; readonly untilMs: number }>();

  constructor(folder: string) {
    this.real = realPathSoFar(resolve(folder));
  }

  /** The open file of a key, for reading, and its path with links resolved. Throws ENOENT as the system does. */
  async open(key: string): Promise<{ readonly file: FileHandle; readonly path: string }> {
    if (NO_FOLLOW !== undefined) {
      const path = join(await this.#lately(key), basename(key));
      try {
        return { path, file: await open(path, OPEN_FLAGS | NO_FOLLOW) };
      } catch (error) {
        // The file is a link: whether it stays in the folder is found out below.
        if (systemCode(error) !== "ELOOP") throw error;
      }
    }
    const path = this.#inside(await realpath(join(this.real, key)), key);
    return { path, file: await open(path, OPEN_FLAGS) };
  }

  /** The folder in which a key's file stands, links resolved. Throws ENOENT as the system does. */
  async parent(key: string): Promise<string> {
    return await this.#look(dirname(join(this.real, key)), key);
  }

  /** {@link parent} as it was a moment ago: for reading alone. */
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
   * {@link parent}, made where it is missing.
   *
   * @returns also whether a folder was made
   */
  async makeParent(key: string): Promise<{ readonly path: string; readonly made: boolean }> {
    try {
      return { path: await this.parent(key), made: false };
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    const wished = dirname(join(this.real, key));
    // Checked before anything is made, since a link on the way may lead out.
    this.#inside(realPathSoFar(wished), key);
    await mkdir(wished, { recursive: true });
    return { path: await this.parent(key), made: true };
  }

  /** Removes `path` and the folders above it, up to the store's own, for as long as they are empty. */
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
    const message = `${key} is, or lies behind, a symbolic link that leads out of ${this.real}; put a copy in its place`;
    throw new DarkroomError("storage_denied", message);
  }
}
