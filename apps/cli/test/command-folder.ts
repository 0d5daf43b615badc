import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { CACHE_DIR, tempFolder, type TempFolder } from "@darkroom/testkit";

/**
 * An empty folder for commands. A command that starts its own Redis finds the program that earlier tests unpacked, and
 * downloads none.
 */
export async function commandFolder(): Promise<TempFolder> {
  const folder = await tempFolder();
  await mkdir(CACHE_DIR, { recursive: true });
  await mkdir(join(folder.path, ".darkroom"));
  await symlink(CACHE_DIR, join(folder.path, ".darkroom", "cache"));
  return folder;
}
