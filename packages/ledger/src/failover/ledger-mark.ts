import { createHash, randomUUID } from "node:crypto";
import { mastersOf, type RedisConnection } from "@darkroom/redis-kit";
import { sharedKeys } from "../keys.ts";

const DIGITS = 16;

/**
 * Two marks distinguish this ledger from other live ones. At least one mark survives any partial loss. The first
 * combines Redis' epoch with database and namespace, and survives a deletion of the data. The second is a stored
 * mark, and survives a restart or failover.
 */
export async function ledgerMarks(redis: RedisConnection, namespace: string): Promise<readonly string[]> {
  const infos = await Promise.all(mastersOf(redis).map((node) => node.info("server")));
  const runs = infos.map((info) => /run_id:(\w+)/.exec(info)?.[1] ?? "").toSorted();
  const database = "db" in redis.options ? (redis.options.db ?? 0) : 0;
  const run = createHash("sha256")
    .update([...runs, database, namespace].join(" "))
    .digest("hex")
    .slice(0, DIGITS);
  const { mark } = sharedKeys(namespace);
  await redis.setnx(mark, randomUUID());
  return [run, (await redis.get(mark)) ?? ""].filter(Boolean);
}
