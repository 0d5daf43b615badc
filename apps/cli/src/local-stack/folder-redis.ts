import { Staffing, endInOrder } from "@darkroom/ledger";
import { findOrStartRedis, type LocalRedis, type RedisOptions } from "@darkroom/local-stack";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";

/** Timeout for deregistering at a Redis that answers at once. */
const END_REDIS_MS = 2_000;

/** The Redis of a data folder, and what its only process does at the start and at the end. */
export class FolderRedis {
  readonly #local: LocalRedis;
  readonly #namespace: string;

  private constructor(local: LocalRedis, namespace: string) {
    this.#local = local;
    this.#namespace = namespace;
  }

  /** Finds or starts it. Throws like {@link findOrStartRedis}. */
  static async open(options: RedisOptions, namespace: string): Promise<FolderRedis> {
    const redis = new FolderRedis(await findOrStartRedis(options), namespace);
    try {
      await redis.#missTheDead();
      return redis;
    } catch (error) {
      await redis.close(false);
      throw error;
    }
  }

  get url(): string {
    return this.#local.url;
  }

  get how(): string {
    return this.#local.how;
  }

  isAlone(): boolean {
    return this.#local.isAlone();
  }

  /**
   * The last process of the data folder shuts Redis down in order, so that the next process need not wait for lost
   * claims.
   *
   * @param isLost true if Redis has ended already
   */
  async close(isLost: boolean): Promise<void> {
    if (this.isAlone() && !isLost) {
      const redis = connectRedis({ url: this.url, name: "end", onError: () => undefined, whenRefused: "fail" });
      // A Redis that has died does not respond, so the shutdown has a timeout.
      const late = setTimeout(() => redis.disconnect(), END_REDIS_MS);
      await endInOrder(redis, this.#namespace).catch(() => undefined);
      clearTimeout(late);
      await closeRedis(redis);
    }
    await this.#local.close();
  }

  /**
   * As the only process of the data folder, this process knows at once that killed processes are gone. Other processes
   * would wait for the heartbeat timeout.
   */
  async #missTheDead(): Promise<void> {
    if (!this.isAlone()) return;
    const redis = connectRedis({ url: this.url, name: "attendance", onError: () => undefined, whenRefused: "fail" });
    try {
      await new Staffing(redis, this.#namespace).clear(() => this.isAlone());
    } finally {
      await closeRedis(redis);
    }
  }
}
