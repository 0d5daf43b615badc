import type { RedisConnection } from "@darkroom/redis-kit";

/**
 * What is known of the keys of a lane's account, in the hash `lane:keys`:
 *
 *   mark of a key   `works` once the account has accepted a call with it, for good; before that `refused`, if it has only
 *                   ever refused it
 */
export class AccountKeys {
  readonly #redis: RedisConnection;
  readonly #key: string;
  readonly #ownMark: string;
  #isNoted = false;

  /** @param ownMark of this process's key; empty without one */
  constructor(redis: RedisConnection, key: string, ownMark: string) {
    this.#redis = redis;
    this.#key = key;
    this.#ownMark = ownMark;
  }

  /** Notes that the account has accepted this process's key. */
  async noteAccepted(): Promise<void> {
    if (this.#isNoted || this.#ownMark === "") return;
    await this.#redis.hset(this.#key, this.#ownMark, "works");
    this.#isNoted = true;
  }

  /** Notes that the account has refused this process's key. One that it has accepted before stays known as accepted. */
  async noteRefused(): Promise<void> {
    if (this.#ownMark !== "") await this.#redis.hsetnx(this.#key, this.#ownMark, "refused");
  }

  /** Marks of the keys that the account has refused and never accepted: nothing was ever billed to them. */
  async neverAccepted(): Promise<readonly string[]> {
    const known = Object.entries(await this.#redis.hgetall(this.#key));
    return known.filter(([, said]) => said === "refused").map(([mark]) => mark);
  }
}
