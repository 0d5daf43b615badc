import { cp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { PrivateRedis } from "@darkroom/testkit";
import type { Engine } from "./engine.ts";

/** @returns brings Redis back with what it has on its disk now */
export async function rememberDisk(redis: PrivateRedis, engine: Engine): Promise<() => Promise<void>> {
  // A busy disk keeps Redis from writing what it has answered already; after this write all of it is there.
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
