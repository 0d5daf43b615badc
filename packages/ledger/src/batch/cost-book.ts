import { type BatchSpec, type BookedSpent, type DaySpent, DEFAULT_TENANT, MICRO, tenantOf } from "@darkroom/core";
import { defineScript, type RedisConnection } from "@darkroom/redis-kit";
import { sharedKeys } from "../keys.ts";

/** Days for which a day's costs are kept, from its start. */
export const KEEP_COSTS_DAYS = 400;
const DAY_MS = 86_400_000;

/**
 * Records a batch's costs on a day. KEYS the day's hash · ARGV expiry (epoch ms), then field and its three sums
 * (micro-USD) in turn · returns the number recorded. Costs only grow, so the larger of two values wins, in any order of
 * arrival.
 */
const note = defineScript(`
local noted = 0
for a = 2, #ARGV, 4 do
  local sum = 0
  for part in string.gmatch(redis.call('HGET', KEYS[1], ARGV[a]) or '', '%d+') do sum = sum + tonumber(part) end
  if tonumber(ARGV[a + 1]) + tonumber(ARGV[a + 2]) + tonumber(ARGV[a + 3]) > sum then
    redis.call('HSET', KEYS[1], ARGV[a], ARGV[a + 1] .. ' ' .. ARGV[a + 2] .. ' ' .. ARGV[a + 3])
    noted = noted + 1
  end
end
redis.call('PEXPIREAT', KEYS[1], ARGV[1])
return noted`);

/** Separates a batch's id from its tenant, except for the default tenant. */
const OF = "@";

/** Returns a batch's name in the cost book, which outlives the batch. */
function bookedName({ id, tenant }: Pick<BatchSpec, "id" | "tenant">): string {
  const owner = tenantOf({ tenant });
  return owner === DEFAULT_TENANT ? id : `${id}${OF}${owner}`;
}

/**
 * Costs of every batch by day, kept longer than the batches. The batch's own hash is authoritative, because settling
 * updates it exactly once. The producer copies its sums here, which is idempotent and works across the slots of a
 * cluster.
 */
export class CostBook {
  readonly #redis: RedisConnection;
  readonly #keyOf: (day: string) => string;

  constructor(redis: RedisConnection, namespace: string) {
    this.#redis = redis;
    this.#keyOf = sharedKeys(namespace).costs;
  }

  /** Records the sums of a batch. */
  async note(batch: Pick<BatchSpec, "id" | "tenant">, days: readonly DaySpent[]): Promise<void> {
    for (const [day, entries] of Map.groupBy(days, (entry) => entry.day)) {
      const args = entries.flatMap(({ lane, costUsd, lostUsd, maybeUsd }) => [
        `${bookedName(batch)} ${lane}`,
        ...[costUsd, lostUsd, maybeUsd].map((usd) => Math.round(usd * MICRO)),
      ]);
      const goesAt = Date.parse(day) + KEEP_COSTS_DAYS * DAY_MS;
      if (goesAt > Date.now()) await note.run(this.#redis, [this.#keyOf(day)], [goesAt, ...args]);
    }
  }

  /** Returns the costs of these days. @param tenant defaults to all tenants */
  async read(days: readonly string[], tenant?: string): Promise<readonly BookedSpent[]> {
    const hashes = await Promise.all(
      days.map(async (day) => [day, await this.#redis.hgetall(this.#keyOf(day))] as const),
    );
    return hashes.flatMap(([day, hash]) =>
      Object.entries(hash).flatMap(([field, sums]) => {
        const [name = "", ...lane] = field.split(" ");
        const [batchId = "", owner = DEFAULT_TENANT] = name.split(OF);
        if (tenant !== undefined && owner !== tenant) return [];
        const [costUsd = 0, lostUsd = 0, maybeUsd = 0] = sums.split(" ").map((micro) => Number(micro) / MICRO);
        return [{ day, lane: lane.join(" "), batchId, costUsd, lostUsd, maybeUsd }];
      }),
    );
  }
}
