import { opendir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { isMissing, systemCode } from "./local-errors.ts";
import type { LocalFolder } from "./local-folder.ts";
import { LOCAL_RESERVED } from "./object-key.ts";

/**
 * Removes the hidden files of puts whose process died in the middle: each holds a picture, or a part of one, that nobody
 * will ever give its name. Links are not followed.
 *
 * @param prefix of a folder in it, with its slash, or empty
 * @param olderThanMs a put that still goes on has written to its file since
 * @returns how many there were
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
    // What may not be read holds nothing of ours.
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
