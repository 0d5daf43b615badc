import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { REDIS_SETTINGS } from "./redis-server.ts";

const IMAGE = "redis:7-alpine";
const PORT = 6379;
const START_TIMEOUT_MS = 120_000;
const END_GRACE_MS = 10_000;

export interface RedisContainer {
  readonly url: string;
  /** Port on this machine. */
  readonly port: number;
  readonly id: string;
  readonly how: string;
  close(): Promise<void>;
}

/**
 * Starts Redis in a container. With a `dir`, its data is in that folder and the container outlives this process.
 * Without one, data and container are removed with this process.
 */
export async function startRedisContainer(dir?: string): Promise<RedisContainer> {
  // Imported dynamically, because the module is large and most runs never need it.
  const { GenericContainer, Wait } = await import("testcontainers");
  const container = new GenericContainer(IMAGE)
    .withCommand(["redis-server", ...REDIS_SETTINGS])
    .withExposedPorts(PORT)
    .withAutoCleanup(dir === undefined)
    .withStartupTimeout(START_TIMEOUT_MS)
    .withWaitStrategy(Wait.forLogMessage(/Ready to accept connections/));
  if (dir !== undefined) {
    await mkdir(dir, { recursive: true });
    container.withBindMounts([{ source: resolve(dir), target: "/data", mode: "rw" }]);
    // Otherwise the data would belong to the image's user on Linux.
    if (process.platform === "linux") container.withUser(`${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`);
  }
  const started = await container.start();
  const port = started.getMappedPort(PORT);
  return {
    url: `redis://${started.getHost()}:${port}`,
    port,
    id: started.getId(),
    how: `${IMAGE} in Docker`,
    close: async () => void (await started.stop({ timeout: END_GRACE_MS })),
  };
}
