import { realpathSync } from "node:fs";
import { mkdir, realpath, rmdir } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { DarkroomError } from "@darkroom/core";
import { isMissing } from "./local-errors.ts";

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

  constructor(folder: string) {
    this.real = realPathSoFar(resolve(folder));
  }

  /** The file of a key, links resolved. Throws ENOENT as the system does. */
  async existing(key: string): Promise<string> {
    return this.#inside(await realpath(join(this.real, key)), key);
  }

  /** The folder in which a key's file stands, links resolved. Throws ENOENT as the system does. */
  async parent(key: string): Promise<string> {
    return this.#inside(await realpath(dirname(join(this.real, key))), key);
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
