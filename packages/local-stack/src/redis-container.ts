import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { REDIS_SETTINGS } from "./redis-server.ts";

const IMAGE = "redis:7-alpine";
const PORT = 6379;
const START_TIMEOUT_MS = 120_000;
const END_GRACE_MS = 10_000;

export interface RedisContainer {
  readonly url: string;
  /** On this machine. */
  readonly port: number;
  readonly id: string;
  readonly how: string;
  close(): Promise<void>;
}

/**
 * Starts Redis in a container. With a `dir` its data is that folder of this machine and the container stays when this
 * process dies; without one the data goes with the container and the container goes with us.
 */
export async function startRedisContainer(dir?: string): Promise<RedisContainer> {
  // Loaded here: it is large, and most runs never need it.
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
    // On Linux the data would belong to the image's own user otherwise.
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
