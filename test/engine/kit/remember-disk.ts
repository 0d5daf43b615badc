import { cp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { PrivateRedis } from "@darkroom/testkit";
import type { Engine } from "./engine.ts";

/** @returns a function that restores Redis to the current state of its disk */
export async function rememberDisk(redis: PrivateRedis, engine: Engine): Promise<() => Promise<void>> {
  // On a busy disk, Redis delays writing data that it has already acknowledged. This write flushes all of it.
  await engine.redis.call("CONFIG", "SET", "appendfsync", "always");
  await engine.redis.set(`${engine.env["DARKROOM_NAMESPACE"]}:on-disk`, "1");
  const [, folder = ""] = (await engine.redis.call("CONFIG", "GET", "dir")) as string[];
  const [disk, before] = [join(folder, "appendonlydir"), join(folder, "before")];
  await cp(disk, before, { recursive: true });
  return async () => {
    redis.kill("SIGKILL");
    await rm(disk, { recursive: true });
    await rename(before, disk);
    await redis.restart();
  };
}
