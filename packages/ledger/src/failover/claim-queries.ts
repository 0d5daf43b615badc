import { protocolMs } from "@darkroom/core";
import type { RedisConnection } from "@darkroom/redis-kit";
import { sharedKeys } from "../keys.ts";
import { workerOfToken } from "../liveness/worker-heartbeats.ts";

/** A claim of a live worker that may be orphaned. */
export interface ClaimQuery {
  readonly batchId: string;
  readonly index: number;
  /** The claim's token, as seen by the querying process. */
  readonly token: string;
}

/** Expiry of a query. A worker polls every few seconds, and the sender repeats an expired query. */
const KEEP_MS = protocolMs(60_000);
/** Maximum number of queries taken at once. */
const MOST_AT_ONCE = 1_000;

/**
 * Claims that only their own worker can recognize as orphaned. After a failover, Redis may hold the claim of a run that
 * has ended: its settle was acknowledged and lost, and its job is gone. The worker is alive, so its claim must not be
 * taken over. A process that finds such a claim adds a query to the worker's set.
 */
export class ClaimQueries {
  readonly #redis: RedisConnection;
  readonly #key: (workerId: string) => string;

  constructor(redis: RedisConnection, namespace: string) {
    this.#redis = redis;
    this.#key = sharedKeys(namespace).doubts;
  }

  /**
   * Sends a query to the workers of these claims: do they still work on them?
   *
   * @param claims index → token
   */
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

  /** Takes the queries for a worker, each once. The sender repeats a lost query. */
  async take(workerId: string): Promise<readonly ClaimQuery[]> {
    const doubts = await this.#redis.spop(this.#key(workerId), MOST_AT_ONCE);
    return doubts.map((text) => JSON.parse(text) as ClaimQuery);
  }
}
