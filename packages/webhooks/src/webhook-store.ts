import { DarkroomError } from "@darkroom/core";
import { changeHashField, defineScript, type RedisConnection } from "@darkroom/redis-kit";
import { webhookKeys, type WebhookKeys } from "./webhook-keys.ts";
import { WEBHOOK_FORMAT, webhookRecordSchema, type WebhookRecord } from "./webhook-record.ts";

/** Endpoints of one tenant. */
export const MAX_WEBHOOKS = 50;

/**
 * KEYS endpoints, all, the tenant's, cursors · ARGV id, record, creation (epoch ms), position, most endpoints of a
 * tenant · returns 1, or 0 if the tenant has too many.
 */
const create = defineScript(`
if redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[5]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('HSET', KEYS[4], ARGV[1], ARGV[4])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
redis.call('ZADD', KEYS[3], ARGV[3], ARGV[1])
return 1`);

/** The history of an endpoint. Times are epoch ms. */
export interface WebhookHealth {
  /** Deliveries that wait. */
  readonly waiting: number;
  readonly deliveredAt?: number | undefined;
  readonly failedAt?: number | undefined;
  /** Why the last attempt failed; absent after a success. */
  readonly failure?: string | undefined;
  /** First failure since the last success. */
  readonly failingSince?: number | undefined;
  /** Nothing is sent before this time, as the receiver asked. */
  readonly holdUntil?: number | undefined;
  /** When events were last dropped from the feed before they were read for this endpoint. */
  readonly missedAt?: number | undefined;
}

/** The configured endpoints, and how each stands. */
export class WebhookStore {
  readonly #redis: RedisConnection;
  readonly #keys: WebhookKeys;

  constructor(redis: RedisConnection, namespace: string) {
    this.#redis = redis;
    this.#keys = webhookKeys(namespace);
  }

  /**
   * Creates an endpoint.
   *
   * @param position the feed's position after which events are delivered
   * @returns false, without a change, if the tenant has {@link MAX_WEBHOOKS}
   */
  async create(record: WebhookRecord, position: string): Promise<boolean> {
    const { endpoints, all, of, cursors } = this.#keys;
    const args = [record.id, JSON.stringify(record), Date.parse(record.createdAt), position, MAX_WEBHOOKS];
    return (await create.run(this.#redis, [endpoints, all, of(record.tenant), cursors], args)) === 1;
  }

  async read(id: string): Promise<WebhookRecord | undefined> {
    const text = await this.#redis.hget(this.#keys.endpoints, id);
    return text === null ? undefined : parseRecord(text);
  }

  /**
   * Lists endpoints, newest first. Leaves out records of a newer version, which a newer process serves.
   *
   * @param tenant defaults to all tenants
   */
  async list(tenant?: string): Promise<readonly WebhookRecord[]> {
    const { endpoints, all, of } = this.#keys;
    const ids = await this.#redis.zrevrange(tenant === undefined ? all : of(tenant), 0, -1);
    if (ids.length === 0) return [];
    const texts = await this.#redis.hmget(endpoints, ...ids);
    return texts.flatMap((text) => {
      const { success, data } = webhookRecordSchema.safeParse(text === null ? undefined : JSON.parse(text));
      return success ? [data] : [];
    });
  }

  /**
   * Changes an endpoint atomically.
   *
   * @param edit returns undefined for no change
   * @returns the changed endpoint; undefined if there is none, or no change
   */
  async change(
    id: string,
    edit: (record: WebhookRecord) => WebhookRecord | undefined,
  ): Promise<WebhookRecord | undefined> {
    const field = { key: this.#keys.endpoints, field: id };
    const text = await changeHashField(this.#redis, field, (now) => {
      const changed = edit(parseRecord(now));
      return changed === undefined ? undefined : JSON.stringify(changed);
    });
    return text === undefined ? undefined : parseRecord(text);
  }

  async health(id: string): Promise<WebhookHealth> {
    const { health, waiting } = this.#keys;
    const [count, found] = await Promise.all([this.#redis.hget(waiting, id), this.#redis.hgetall(health(id))]);
    const time = (name: string): number | undefined => (found[name] === undefined ? undefined : Number(found[name]));
    return {
      waiting: Number(count ?? 0),
      deliveredAt: time("deliveredAt"),
      failedAt: time("failedAt"),
      failure: found["failure"],
      failingSince: time("failingSince"),
      holdUntil: time("holdUntil"),
      missedAt: time("missedAt"),
    };
  }
}

/** @throws DarkroomError `internal` for a record of a newer version */
function parseRecord(text: string): WebhookRecord {
  const parsed = webhookRecordSchema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  // The cause would contain the record, and with it a secret.
  const message = `A webhook was stored in a format that this version of Darkroom does not read (it reads ${WEBHOOK_FORMAT}). Update this process.`;
  throw new DarkroomError("internal", message);
}
