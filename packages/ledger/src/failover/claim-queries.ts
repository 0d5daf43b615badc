import { protocolMs } from "@darkroom/core";
import type { RedisConnection } from "@darkroom/redis-kit";
import { sharedKeys } from "../keys.ts";
import { workerOfToken } from "../liveness/worker-heartbeats.ts";

/** A claim of a living worker that may be a leftover. */
export interface ClaimQuery {
  readonly batchId: string;
  readonly index: number;
  /** The claim's, as it was seen. */
  readonly token: string;
}

/** A worker looks every few seconds; a doubt that outlives this is raised again by whoever still has it. */
const KEEP_MS = protocolMs(60_000);
/** Taken in one look. */
const MOST_AT_ONCE = 1_000;

/**
 * Claims that only their own worker can tell from leftovers. A Redis that forgot its last writes (a replica followed its
 * master, or it was started again) may hold the claim of a run that has ended: its settling was answered and is lost, and
 * its job has left the queue since. The worker lives, so nobody may take the claim; and no job comes that would tell it.
 * Whoever meets such a claim asks the worker, by one set for each worker, which it empties.
 */
export class ClaimQueries {
  readonly #redis: RedisConnection;
  readonly #key: (workerId: string) => string;

  constructor(redis: RedisConnection, namespace: string) {
    this.#redis = redis;
    this.#key = sharedKeys(namespace).doubts;
  }

  /** Asks the workers of these claims whether they still work on them. @param claims index → token */
  async raise(batchId: string, claims: ReadonlyMap<number, string>): Promise<void> {
    const byWorker = Map.groupBy(claims, ([, token]) => workerOfToken(token));
    await Promise.all(
      [...byWorker].map(async ([workerId, own]) => {
        const key = this.#key(workerId);
        const doubts = own.map(([index, token]) => JSON.stringify({ batchId, index, token } satisfies ClaimQuery));
        await this.#redis.sadd(key, ...doubts);
        await this.#redis.pexpire(key, KEEP_MS);
      }),
    );
  }

  /** What a worker is asked; each doubt is answered once. One that is lost on the way is raised again. */
  async take(workerId: string): Promise<readonly ClaimQuery[]> {
    const doubts = await this.#redis.spop(this.#key(workerId), MOST_AT_ONCE);
    return doubts.map((text) => JSON.parse(text) as ClaimQuery);
  }
}
