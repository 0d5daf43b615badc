import type { RedisConnection } from "@darkroom/redis-kit";

/**
 * The state of the keys of a lane's account, in the hash `lane:keys`:
 *
 *   mark of a key   `works` permanently once the account has accepted a call with the key;
 *                   before that, `refused` if the account has only refused it
 */
export class AccountKeys {
  readonly #redis: RedisConnection;
  readonly #key: string;
  readonly #ownMark: string;
  #isNoted = false;

  /** @param ownMark mark of this process's key; empty without one */
  constructor(redis: RedisConnection, key: string, ownMark: string) {
    this.#redis = redis;
    this.#key = key;
    this.#ownMark = ownMark;
  }

  /** Records that the account has accepted this process's key. */
  async noteAccepted(): Promise<void> {
    if (this.#isNoted || this.#ownMark === "") return;
    await this.#redis.hset(this.#key, this.#ownMark, "works");
    this.#isNoted = true;
  }

  /**
   * Records that the account has refused this process's key. A key that was accepted before stays recorded as accepted.
   */
  async noteRefused(): Promise<void> {
    if (this.#ownMark !== "") await this.#redis.hsetnx(this.#key, this.#ownMark, "refused");
  }

  /**
   * Returns the marks of keys that the account has refused and never accepted. Nothing was ever billed to such keys.
   */
  async neverAccepted(): Promise<readonly string[]> {
    const known = Object.entries(await this.#redis.hgetall(this.#key));
    return known.filter(([, said]) => said === "refused").map(([mark]) => mark);
  }
}
