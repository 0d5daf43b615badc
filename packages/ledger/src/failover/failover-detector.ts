import { protocolMs } from "@darkroom/core";
import { setTimeout as sleep } from "node:timers/promises";
import { Cluster } from "ioredis";
import { defineScript, mastersOf, type RedisConnection, serverNow } from "@darkroom/redis-kit";
import { sharedKeys } from "../keys.ts";

/**
 * KEYS run · ARGV the servers' run ids, now (ms) · returns since when Redis runs as it does now (ms), 0 where it has
 * never been seen to run otherwise.
 */
const compare = defineScript(`
local known = redis.call('HMGET', KEYS[1], 'ids', 'since')
if known[1] == ARGV[1] then return tonumber(known[2]) end
local since = known[1] and tonumber(ARGV[2]) or 0
redis.call('HSET', KEYS[1], 'ids', ARGV[1], 'since', since)
return since`);

const ASK_AGAIN_MS = 250;
/**
 * Workers that lived through it find the Redis that follows, and say again what they have under way, within this: the
 * longest pause between two tries to connect (2 s) and two beats.
 */
const SETTLING_MS = protocolMs(6_000);
/** The clocks of those who create batches and of those who look here may differ by this much. */
const DEFAULT_CLOCK_SKEW_MS = 60_000;

/**
 * Says that Redis is about to end in order, with all that it was told in its file: the next run has forgotten nothing. Its
 * file is written in sequence, so where it keeps this, it keeps everything before.
 */
export async function endInOrder(redis: RedisConnection, namespace: string): Promise<void> {
  await redis.del(sharedKeys(namespace).run);
}

/**
 * Knows when Redis may have forgotten its last writes: a replica followed its primary, or it was started again (its file
 * is a second behind). Then a claim or a receipt of a portrait that a provider has seen may be missing. Redis is asked
 * only after a connection was lost: over one connection it is one run of one server.
 */
export class FailoverDetector {
  readonly #redis: RedisConnection;
  readonly #key: string;
  readonly #clockSkewMs: number;
  #since: Promise<number> | undefined;
  /** What was found last, and when it was first found in the place of something else (a monotonic clock, in ms). */
  #last: number | undefined;
  #noticedAtMs: number | undefined;

  /** @param clockSkewMs how far apart the clocks of those who create batches may be; 0 where all is on one machine */
  constructor(redis: RedisConnection, namespace: string, clockSkewMs: number = DEFAULT_CLOCK_SKEW_MS) {
    this.#redis = redis;
    this.#clockSkewMs = clockSkewMs;
    this.#key = sharedKeys(namespace).run;
    const forget = (): void => void (this.#since = undefined);
    for (const event of ["close", "+node", "-node"]) redis.on(event, forget);
  }

  /** Makes the present run known, so that a later one is seen to be another. */
  async start(): Promise<void> {
    await this.#look();
  }

  /** Since when Redis runs as it does now (epoch ms); 0 where it has never been seen to run otherwise. */
  async since(): Promise<number> {
    return await this.#look();
  }

  /**
   * Whether the ledger of a batch may be behind what was done.
   *
   * @param createdAt the batch's, ISO 8601
   */
  async mayHaveForgotten(createdAt: string): Promise<boolean> {
    const since = await this.#look();
    return since > 0 && Date.parse(createdAt) < since + this.#clockSkewMs;
  }

  /**
   * For how long living workers may still say again what they have under way and Redis has forgotten (ms); 0 once it is
   * known. Whoever was there when it happened goes by its own clock.
   */
  async settlingMs(): Promise<number> {
    const since = await this.#look();
    if (since === 0) return 0;
    const agoMs = this.#noticedAtMs === undefined ? serverNow() - since : performance.now() - this.#noticedAtMs;
    return Math.min(SETTLING_MS, Math.max(0, SETTLING_MS - agoMs));
  }

  async #look(): Promise<number> {
    const look = (this.#since ??= this.#ask());
    try {
      return await look;
    } catch (error) {
      if (this.#since === look) this.#since = undefined;
      throw error;
    }
  }

  async #ask(): Promise<number> {
    const ids = (await this.#runs()).join(" ");
    const since = (await compare.run(this.#redis, [this.#key], [ids, serverNow()])) as number;
    const isFirst = this.#last === undefined;
    // Who noticed it may have a clock that is ahead of this one.
    if (isFirst ? since > serverNow() : this.#last !== since) this.#noticedAtMs = performance.now();
    this.#last = since;
    return since;
  }

  /** A node of a cluster that has just died is asked until another one follows it, as any other command waits. */
  async #runs(): Promise<readonly string[]> {
    for (;;) {
      try {
        const infos = await Promise.all(mastersOf(this.#redis).map((node) => node.info("server")));
        return infos.map((info) => /run_id:(\w+)/.exec(info)?.[1] ?? "").toSorted();
      } catch (error) {
        if (!(this.#redis instanceof Cluster) || this.#redis.status === "end") throw error;
        await sleep(ASK_AGAIN_MS);
      }
    }
  }
}
