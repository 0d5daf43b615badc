import { randomBytes } from "node:crypto";
import { z } from "zod";
import { sha256 } from "@darkroom/core";
import type { RedisConnection } from "@darkroom/redis-kit";

/** Duration of a session, in seconds. */
export const SESSION_S = 12 * 60 * 60;

const ID = /^[A-Za-z0-9_-]{43}$/;

const sessionSchema = z.object({
  /** A key's id, or `root`. */
  key: z.string(),
  /** Hash of the secret that signed in. The session is valid only while this secret is. */
  hash: z.string(),
});

/** A session of the web page. */
export type Session = Readonly<z.infer<typeof sessionSchema>>;

/**
 * Returns the Redis key of a session. The key contains a digest of the session id, so that a dump of Redis does not
 * reveal valid ids.
 */
export function sessionKey(namespace: string, id: string): string {
  return `${namespace}:{access}:session:${sha256(id)}`;
}

/** The sessions of the web page. They expire after {@link SESSION_S}. */
export class SessionStore {
  readonly #redis: RedisConnection;
  readonly #namespace: string;

  constructor(redis: RedisConnection, namespace: string) {
    this.#redis = redis;
    this.#namespace = namespace;
  }

  /** @returns the session's id: a secret of 256 random bits */
  async create(session: Session): Promise<string> {
    const id = randomBytes(32).toString("base64url");
    await this.#redis.set(sessionKey(this.#namespace, id), JSON.stringify(session), "EX", SESSION_S);
    return id;
  }

  /** @param id as received from a browser */
  async read(id: string): Promise<Session | undefined> {
    if (!ID.test(id)) return undefined;
    const text = await this.#redis.get(sessionKey(this.#namespace, id));
    return text === null ? undefined : sessionSchema.parse(JSON.parse(text));
  }

  async end(id: string): Promise<void> {
    if (ID.test(id)) await this.#redis.del(sessionKey(this.#namespace, id));
  }
}
