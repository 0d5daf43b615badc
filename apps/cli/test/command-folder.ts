import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { CACHE_DIR, tempFolder, type TempFolder } from "@darkroom/testkit";

/**
 * Returns an empty folder for commands. A command that starts its own Redis uses the program unpacked by earlier tests
 * and downloads nothing.
 */
export async function commandFolder(): Promise<TempFolder> {
  const folder = await tempFolder();
  await mkdir(CACHE_DIR, { recursive: true });
  await mkdir(join(folder.path, ".darkroom"));
  await symlink(CACHE_DIR, join(folder.path, ".darkroom", "cache"));
  return folder;
}
