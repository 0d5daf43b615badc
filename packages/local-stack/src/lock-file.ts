import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { link, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { DarkroomError } from "@darkroom/core";
import { processLife } from "./process-life.ts";

const WRITTEN_WITHIN_MS = 5_000;

/**
 * Tries once to take a lock: a file that contains its holder's pid and start time. Removes the lock of a dead process.
 * The holder deletes the file.
 *
 * @returns the pid of the live holder; undefined if this process holds the lock now
 * @throws DarkroomError `conflict` when the lock's folder is gone
 */
export async function takeLock(path: string): Promise<number | undefined> {
  for (;;) {
    const holder = await readFile(path, "utf8").catch(() => undefined);
    if (holder !== undefined) {
      const [pid, life] = holder.split(" ");
      if (holder === "" ? await isBeingWritten(path) : processLife(Number(pid)) === life) return Number(pid);
      await breakLock(path, holder);
    }
    try {
      await create(path, `${process.pid} ${processLife(process.pid) ?? ""}`);
      return undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") continue;
      if (existsSync(dirname(path))) throw error;
      throw new DarkroomError("conflict", `${dirname(path)} was deleted while it was in use.`);
    }
  }
}

/**
 * The holder creates a lock, then writes to it. The lock stays empty if the holder died or the disk was full between
 * the two steps.
 */
async function isBeingWritten(path: string): Promise<boolean> {
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: 0 }));
  return Date.now() - mtimeMs < WRITTEN_WITHIN_MS;
}

async function create(path: string, text: string): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(text);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** Removes a dead holder's lock. Restores it if a live process has taken it in the meantime. */
async function breakLock(lock: string, deadHolder: string): Promise<void> {
  const aside = `${lock}.${randomUUID()}`;
  await rename(lock, aside).catch(() => undefined);
  const holder = await readFile(aside, "utf8").catch(() => deadHolder);
  if (holder !== deadHolder) await link(aside, lock).catch(() => undefined);
  await rm(aside, { force: true });
}
