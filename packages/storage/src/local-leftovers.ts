import { opendir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { isMissing, systemCode } from "./local-errors.ts";
import type { LocalFolder } from "./local-folder.ts";
import { LOCAL_RESERVED } from "./object-key.ts";

/**
 * Removes temporary files of puts whose process died. Each contains a picture, or part of one, that will never get its
 * name. Does not follow links.
 *
 * @param prefix a folder with its slash, or empty
 * @param olderThanMs files written to since then belong to a running put
 * @returns the number of files removed
 */
export async function removeLeftovers(folder: LocalFolder, prefix: string, olderThanMs: number): Promise<number> {
  const at = join(folder.real, prefix);
  let removed = 0;
  try {
    for await (const entry of await opendir(at, { bufferSize: 256 })) {
      if (entry.isDirectory()) removed += await removeLeftovers(folder, `${prefix}${entry.name}/`, olderThanMs);
      else if (isTemporary(entry.name) && (await removeOld(join(at, entry.name), olderThanMs))) removed += 1;
    }
  } catch (error) {
    // An unreadable folder contains no temporary files of Darkroom.
    if (!isMissing(error) && !["EACCES", "EPERM"].includes(systemCode(error) ?? "")) throw error;
  }
  if (removed > 0) await folder.prune(at);
  return removed;
}

function isTemporary(name: string): boolean {
  return name.startsWith(`${LOCAL_RESERVED}-`) && name.endsWith(".tmp");
}

async function removeOld(path: string, olderThanMs: number): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs < olderThanMs) return false;
    await rm(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
