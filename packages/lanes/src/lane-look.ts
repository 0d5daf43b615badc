import type { RedisConnection } from "@darkroom/redis-kit";
import { BlockedState, type BlockedLane } from "./blocked-state.ts";
import { laneKeys } from "./lane-keys.ts";

/** Reads why a lane is blocked, without its queue and so without BullMQ. Undefined if the lane is not blocked. */
export async function readBlocked(
  redis: RedisConnection,
  namespace: string,
  lane: string,
): Promise<BlockedLane | undefined> {
  return await new BlockedState(redis, laneKeys(namespace, lane), 0, "").read();
}
