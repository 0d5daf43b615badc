import { protocolMs, WAIT_REASONS, type WaitReason } from "@darkroom/core";
import { defineScript, serverNow, type RedisConnection } from "@darkroom/redis-kit";
import { batchLedgerKeys } from "../keys.ts";
import { reasonNumber, WAIT_SPAN_MS } from "../scripts/constants.ts";

/** A retry within this time is not reported as a wait. */
const SOON_MS = protocolMs(1_000);

/** Portraits of a batch that were delayed for the same reason. */
export interface CountedWait {
  readonly reason: WaitReason;
  readonly count: number;
  /** When the first of them is retried (epoch ms, Redis' clock). */
  readonly nextLookMs: number;
  /** The latest error, if any. */
  readonly message: string | undefined;
}

/**
 * Counts the waits by reason. KEYS waits, meta · returns for each reason: its number, the count, the next attempt (ms),
 * and the latest error or ''. Needs two lookups per reason, for any number of waiting portraits.
 */
const countWaits = defineScript(`
local found, from = {}, '-inf'
while true do
  local first = redis.call('ZRANGEBYSCORE', KEYS[1], from, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
  if not first[1] then return found end
  local reason = math.floor(tonumber(first[2]) / ${WAIT_SPAN_MS})
  local past = string.format('%.0f', (reason + 1) * ${WAIT_SPAN_MS})
  found[#found + 1] = reason
  found[#found + 1] = redis.call('ZCOUNT', KEYS[1], first[2], '(' .. past)
  found[#found + 1] = string.format('%.0f', tonumber(first[2]) - reason * ${WAIT_SPAN_MS})
  found[#found + 1] = redis.call('HGET', KEYS[2], 'why:' .. reason) or ''
  from = past
end`);

/**
 * Waits of a batch's portraits that were delayed after a worker claimed them. The script that delays a portrait records
 * its wait, and the portrait's next transition deletes it, so the counts match at every moment.
 */
export class Waits {
  readonly #redis: RedisConnection;
  readonly #namespace: string;

  constructor(redis: RedisConnection, namespace: string) {
    this.#redis = redis;
    this.#namespace = namespace;
  }

  async count(batchId: string): Promise<readonly CountedWait[]> {
    const { waits, meta } = batchLedgerKeys(this.#namespace, batchId);
    const reply = (await countWaits.run(this.#redis, [waits, meta], [])) as (number | string)[];
    return Array.from({ length: reply.length / 4 }, (_, place) => {
      const [number, count, nextLookMs, message] = reply.slice(place * 4, place * 4 + 4);
      return {
        reason: reasonOf(Number(number)),
        count: Number(count),
        nextLookMs: Number(nextLookMs),
        message: message === "" || message === undefined ? undefined : String(message),
      };
    });
  }

  /** Returns portraits that wait for this reason and are not due soon, in order of their next attempt. */
  async next(batchId: string, reason: WaitReason, limit: number): Promise<readonly number[]> {
    const { waits } = batchLedgerKeys(this.#namespace, batchId);
    const number = reasonNumber(reason);
    const [from, past] = [number * WAIT_SPAN_MS + serverNow() + SOON_MS, (number + 1) * WAIT_SPAN_MS];
    const found = await this.#redis.zrangebyscore(waits, from, `(${past}`, "LIMIT", 0, limit);
    return found.map(Number);
  }

  /** Returns a portrait's wait; undefined if the portrait was not delayed. */
  async of(batchId: string, index: number): Promise<Pick<CountedWait, "reason" | "nextLookMs"> | undefined> {
    const { waits } = batchLedgerKeys(this.#namespace, batchId);
    const score = await this.#redis.zscore(waits, String(index));
    if (score === null) return undefined;
    const number = Math.floor(Number(score) / WAIT_SPAN_MS);
    return { reason: reasonOf(number), nextLookMs: Number(score) - number * WAIT_SPAN_MS };
  }
}

function reasonOf(number: number): WaitReason {
  return WAIT_REASONS[number] ?? "internal";
}
