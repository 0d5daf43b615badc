import { DarkroomError } from "@darkroom/core";
import { changeHashField, defineScript, type RedisConnection } from "@darkroom/redis-kit";
import { KEY_FORMAT, keyRecordSchema, type KeyRecord, type KeyUse } from "./key-record.ts";

/**
 * KEYS keys, all · ARGV id, record, creation (epoch ms) · returns 1, or 0 if the id has a different record. The same
 * record is stored already if only the first command's reply was lost.
 */
const create = defineScript(`
if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 0 and redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
return 1`);

/** Returns the Redis keys of the API's keys. They share one hash tag. `docs/architecture.md` lists them. */
export function accessKeys(namespace: string) {
  const base = `${namespace}:{access}`;
  return { keys: `${base}:keys`, all: `${base}:all`, used: `${base}:used` } as const;
}

/** Selects a page of a list. */
export interface KeyPage {
  readonly limit: number;
  /** The id after which the next page starts. */
  readonly before?: string | undefined;
}

/** The API's keys. Stores hashes of their secrets, never a secret. */
export class KeyStore {
  readonly #redis: RedisConnection;
  readonly #keys: ReturnType<typeof accessKeys>;

  constructor(redis: RedisConnection, namespace: string) {
    this.#redis = redis;
    this.#keys = accessKeys(namespace);
  }

  /** @returns false if the id is taken; nothing changes then */
  async create(record: KeyRecord): Promise<boolean> {
    const { keys, all } = this.#keys;
    const args = [record.id, JSON.stringify(record), Date.parse(record.createdAt)];
    return (await create.run(this.#redis, [keys, all], args)) === 1;
  }

  async read(id: string): Promise<KeyRecord | undefined> {
    const text = await this.#redis.hget(this.#keys.keys, id);
    return text === null ? undefined : parseRecord(text);
  }

  /** Lists keys, newest first. */
  async list({ limit, before }: KeyPage): Promise<readonly KeyRecord[]> {
    const { keys, all } = this.#keys;
    const rank = before === undefined ? null : await this.#redis.zrevrank(all, before);
    const start = rank === null ? 0 : rank + 1;
    const ids = await this.#redis.zrevrange(all, start, start + limit - 1);
    if (ids.length === 0) return [];
    const texts = await this.#redis.hmget(keys, ...ids);
    return texts.flatMap((text) => (text === null ? [] : [parseRecord(text)]));
  }

  /**
   * Changes a key atomically.
   *
   * @returns the changed key; undefined if there is none
   */
  async change(id: string, edit: (record: KeyRecord) => KeyRecord): Promise<KeyRecord | undefined> {
    const field = { key: this.#keys.keys, field: id };
    const text = await changeHashField(this.#redis, field, (now) => JSON.stringify(edit(parseRecord(now))));
    return text === undefined ? undefined : parseRecord(text);
  }

  /** Records the use of a key. */
  async noteUse(id: string, { at, address }: KeyUse): Promise<void> {
    await this.#redis.hset(this.#keys.used, id, `${at} ${address}`);
  }

  /** Returns the last use of each key; undefined for a key that was never used. */
  async lastUses(ids: readonly string[]): Promise<readonly (KeyUse | undefined)[]> {
    if (ids.length === 0) return [];
    const texts = await this.#redis.hmget(this.#keys.used, ...ids);
    return texts.map((text) => {
      const [at, address] = text?.split(" ") ?? [];
      return at === undefined || address === undefined ? undefined : { at, address };
    });
  }
}

/** @throws DarkroomError `unauthorized` for a record of a newer version */
function parseRecord(text: string): KeyRecord {
  const value: unknown = JSON.parse(text);
  const parsed = keyRecordSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const message = `This key was stored in a format that this version of Darkroom does not read (it reads ${KEY_FORMAT}). Update this process.`;
  throw new DarkroomError("unauthorized", message, { cause: parsed.error });
}
