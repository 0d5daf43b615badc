import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { DarkroomError } from "@darkroom/core";
import { processLife } from "./process-life.ts";

/**
 * Tries once to take a lock: a file whose text is its holder's pid and life. One that a dead process left is taken away.
 * Whoever holds it deletes it.
 *
 * @returns the pid of its living holder; undefined once this process holds it
 * @throws DarkroomError `conflict` when its folder is gone
 */
export async function takeLock(path: string): Promise<number | undefined> {
  for (;;) {
    const holder = await readFile(path, "utf8").catch(() => undefined);
    if (holder !== undefined && holder !== "") {
      const [pid, life] = holder.split(" ");
      if (processLife(Number(pid)) === life) return Number(pid);
      await breakLock(path, holder);
    }
    try {
      await writeFile(path, `${process.pid} ${processLife(process.pid) ?? ""}`, { flag: "wx" });
      return undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") {
        // Its holder may be about to write into it.
        if (holder === "") return Number.NaN;
        continue;
      }
      if (existsSync(dirname(path))) throw error;
      throw new DarkroomError("conflict", `${dirname(path)} was deleted while it was used.`);
    }
  }
}

/** Takes a dead holder's lock away; gives it back when somebody living has taken it in the meantime. */
async function breakLock(lock: string, deadHolder: string): Promise<void> {
  const aside = `${lock}.${randomUUID()}`;
  await rename(lock, aside).catch(() => undefined);
  const holder = await readFile(aside, "utf8").catch(() => deadHolder);
  if (holder !== deadHolder) await link(aside, lock).catch(() => undefined);
  await rm(aside, { force: true });
}
