import { BatchReader } from "@darkroom/api/batch-reader";
import { limitsOfLane, readEngineSettings } from "@darkroom/config";
import { awaitRedis, closeRedis, connectRedis, followServerClock } from "@darkroom/redis-kit";
import type { CliEnv } from "../environment/env.ts";
import { baseVariables } from "./base-variables.ts";
import { FolderRedis } from "./folder-redis.ts";

/** How long to wait for Redis. */
const START_MS = 15_000;

export interface LocalReader extends Pick<BatchReader, "list" | "status"> {
  readonly close: () => Promise<void>;
}

/**
 * Reads the batches of the data folder. Runs the folder's Redis in the meantime. Starts no API, which would take most
 * of the start-up time.
 *
 * @param log called with failed attempts to start Redis
 * @throws DarkroomError `tool_missing` when no Redis is available, `redis_unavailable`, `invalid_settings`
 */
export async function openLocalReader(env: CliEnv, log: (line: string) => void): Promise<LocalReader> {
  const { dataDir, redisUrl } = env;
  const settings = readEngineSettings(
    baseVariables(env, { DARKROOM_LINK_SECRET: "no links are made here", REDIS_URL: redisUrl }),
  );
  const { access, namespace } = settings.redis;
  const found = { dataDir, log, persistent: true, ...(redisUrl === undefined ? {} : { redisUrl }) };
  const folder = await FolderRedis.open(found, namespace);
  const onError = (): void => undefined;
  const redis = connectRedis({ url: folder.url, name: "darkroom-reader", access, onError, whenRefused: "fail" });
  const close = async (): Promise<void> => {
    await closeRedis(redis);
    await folder.close(false);
  };
  try {
    await awaitRedis(redis, START_MS);
    await followServerClock(redis, () => undefined);
  } catch (error) {
    await close();
    throw error;
  }
  const reader = new BatchReader(redis, namespace, (lane) => limitsOfLane(settings, lane));
  return { list: (limit, before) => reader.list(limit, before), status: (id) => reader.status(id), close };
}
