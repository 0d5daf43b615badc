import { protocolMs } from "@darkroom/core";
import { setTimeout as sleep } from "node:timers/promises";
import { Cluster } from "ioredis";
import { defineScript, mastersOf, type RedisConnection, serverNow } from "@darkroom/redis-kit";
import { sharedKeys } from "../keys.ts";

/**
 * KEYS run · ARGV the servers' run ids, now (ms) · returns the start of Redis' current epoch (ms), 0 for the first
 * known one.
 */
const compare = defineScript(`
local known = redis.call('HMGET', KEYS[1], 'ids', 'since')
if known[1] == ARGV[1] then return tonumber(known[2]) end
local since = known[1] and tonumber(ARGV[2]) or 0
redis.call('HSET', KEYS[1], 'ids', ARGV[1], 'since', since)
return since`);

const ASK_AGAIN_MS = 250;
/**
 * Time within which live workers reconnect and reassert their claims: the maximum reconnection delay (2 s) and two
 * heartbeats.
 */
const SETTLING_MS = protocolMs(6_000);
/** Allowed clock skew between processes that create batches and processes that compare times. */
const DEFAULT_CLOCK_SKEW_MS = 60_000;

/**
 * Records that Redis is about to shut down in order, so that the next epoch has lost nothing. The append-only file is
 * written in sequence: if it contains this record, it contains everything before.
 */
export async function endInOrder(redis: RedisConnection, namespace: string): Promise<void> {
  await redis.del(sharedKeys(namespace).run);
}

/**
 * Detects when Redis may have lost its last writes: a replica became master, or Redis was restarted (its file is up to
 * a second behind). The claim or receipt of a portrait that was already called may then be missing. Queries Redis only
 * after a lost connection, because the epoch cannot change during a connection.
 */
export class FailoverDetector {
  readonly #redis: RedisConnection;
  readonly #key: string;
  readonly #clockSkewMs: number;
  #since: Promise<number> | undefined;
  /** The last result, and when it first replaced a different one (monotonic clock, ms). */
  #last: number | undefined;
  #noticedAtMs: number | undefined;

  /**
   * @param clockSkewMs allowed skew between the clocks of processes that create batches; 0 if all run on one machine
   */
  constructor(redis: RedisConnection, namespace: string, clockSkewMs: number = DEFAULT_CLOCK_SKEW_MS) {
    this.#redis = redis;
    this.#clockSkewMs = clockSkewMs;
    this.#key = sharedKeys(namespace).run;
    const forget = (): void => void (this.#since = undefined);
    for (const event of ["close", "+node", "-node"]) redis.on(event, forget);
  }

  /** Records the current epoch, so that a later one is recognized as different. */
  async start(): Promise<void> {
    await this.#look();
  }

  /** Returns the start of Redis' current epoch (epoch ms); 0 for the first known one. */
  async since(): Promise<number> {
    return await this.#look();
  }

  /**
   * True if a batch's ledger may lack the latest changes.
   *
   * @param createdAt the batch's, ISO 8601
   */
  async mayHaveForgotten(createdAt: string): Promise<boolean> {
    const since = await this.#look();
    return since > 0 && Date.parse(createdAt) < since + this.#clockSkewMs;
  }

  /**
   * Returns how long live workers may still reassert work that Redis has forgotten (ms); 0 once that time is over. A
   * process that was present at the failover uses its own clock.
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
    // The clock of the process that detected the failover may be ahead of the local clock.
    if (isFirst ? since > serverNow() : this.#last !== since) this.#noticedAtMs = performance.now();
    this.#last = since;
    return since;
  }

  /** Retried like any other command, until a dead cluster node has a successor. */
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
