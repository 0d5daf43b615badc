import { DarkroomError, MICRO } from "@darkroom/core";
import { changeHashField, defineScript, GCRA, type RedisConnection } from "@darkroom/redis-kit";
import { burstOf, callQuota, intervalOf, type CallQuota } from "./call-quota.ts";
import { keyRecordSchema, LINK_FORMAT, type KeyRecord, type KeyUse } from "./key-record.ts";
import { isKeyId } from "./key-text.ts";

/**
 * KEYS keys, all, the tenant's · ARGV id, record, creation (epoch ms) · returns 1, or 0 if the id has a different record.
 * The same record is stored already if only the first command's reply was lost.
 */
const create = defineScript(`
if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 0 and redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
redis.call('ZADD', KEYS[3], ARGV[3], ARGV[1])
return 1`);

/**
 * Records a key's use and applies the rate limit. KEYS used, clock · ARGV id, the use, ms between two calls (0: no
 * limit), ms of burst · returns {wait in ms, 0 if the call may proceed; ms that the limit's clock is ahead}.
 */
const use = defineScript(`${GCRA}
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
local interval = tonumber(ARGV[3])
if interval == 0 then return { 0, 0 } end
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local wait = gcra(KEYS[2], now, interval, tonumber(ARGV[4]))
return { wait, math.floor(tonumber(redis.call('GET', KEYS[2])) - now) }`);

/**
 * Reserves rows and micro-USD of a day. KEYS the day's hash · ARGV rows, micro-USD, the maximum of each ('': no limit),
 * expiry (ms) · returns {1 if both were reserved, total reserved rows, total reserved micro-USD}.
 */
const reserve = defineScript(`
local now = redis.call('HMGET', KEYS[1], 'rows', 'microUsd')
local rows, usd = tonumber(now[1] or '0'), tonumber(now[2] or '0')
local isOver = (ARGV[3] ~= '' and rows + ARGV[1] > tonumber(ARGV[3])) or (ARGV[4] ~= '' and usd + ARGV[2] > tonumber(ARGV[4]))
if isOver then return { 0, rows, usd } end
rows, usd = redis.call('HINCRBY', KEYS[1], 'rows', ARGV[1]), redis.call('HINCRBY', KEYS[1], 'microUsd', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return { 1, rows, usd }`);

/** Expiry of a day's sums; must be longer than a day. */
const KEEP_DAY_MS = 3 * 86_400_000;

/** Returns the Redis keys of the API's keys. They share one hash tag. `docs/architecture.md` lists them. */
export function accessKeys(namespace: string) {
  const base = `${namespace}:{access}`;
  return {
    keys: `${base}:keys`,
    all: `${base}:all`,
    links: `${base}:links`,
    ofBatch: (batchId: string) => `${base}:of-batch:${batchId}`,
    of: (tenant: string) => `${base}:of:${tenant}`,
    used: `${base}:used`,
    clock: (id: string) => `${base}:clock:${id}`,
    /** @param day in UTC, `2026-11-21` */
    day: (id: string, day: string) => `${base}:day:${id}:${day}`,
  } as const;
}

/** The rows and money that a key has reserved on one day. */
export interface DayWork {
  readonly rows: number;
  readonly usd: number;
}

/** @see KeyStore.reserve */
export interface Reservation extends DayWork {
  readonly isReserved: boolean;
}

/** @see KeyStore.use */
export interface UsedCall {
  /** Until the call may proceed; 0 for immediately. */
  readonly waitMs: number;
  /** Undefined for a key without a rate limit. */
  readonly quota: CallQuota | undefined;
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

  /** @returns false, without a change, if the id is taken */
  async create(record: KeyRecord): Promise<boolean> {
    const { keys, all, of, links, ofBatch } = this.#keys;
    const { link } = record;
    const lists = link === undefined ? [all, of(record.tenant)] : [links, ofBatch(link.batch)];
    const args = [record.id, JSON.stringify(record), Date.parse(record.createdAt)];
    return (await create.run(this.#redis, [keys, ...lists], args)) === 1;
  }

  async read(id: string): Promise<KeyRecord | undefined> {
    const text = await this.#redis.hget(this.#keys.keys, id);
    return text === null ? undefined : parseRecord(text);
  }

  /** Returns the key that created a link; undefined for a key, and for a link that no stored key created. */
  async makerOf({ link, createdBy }: KeyRecord): Promise<KeyRecord | undefined> {
    return link === undefined || !isKeyId(createdBy) ? undefined : await this.read(createdBy);
  }

  /** Lists keys, newest first, without links. @param tenant defaults to all tenants */
  async list(page: KeyPage, tenant?: string): Promise<readonly KeyRecord[]> {
    const { all, of } = this.#keys;
    return await this.#list(tenant === undefined ? all : of(tenant), page);
  }

  /** Lists the links to a batch, newest first. */
  async listLinks(batchId: string, page: KeyPage): Promise<readonly KeyRecord[]> {
    return await this.#list(this.#keys.ofBatch(batchId), page);
  }

  async #list(list: string, { limit, before }: KeyPage): Promise<readonly KeyRecord[]> {
    const { keys } = this.#keys;
    const rank = before === undefined ? null : await this.#redis.zrevrank(list, before);
    const start = rank === null ? 0 : rank + 1;
    const ids = await this.#redis.zrevrange(list, start, start + limit - 1);
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

  /** Records that a key was used, and applies its rate limit. */
  async use({ id, limits }: Pick<KeyRecord, "id" | "limits">, { at, address }: KeyUse): Promise<UsedCall> {
    const { callsPerMinute } = limits;
    const intervalMs = callsPerMinute === undefined ? 0 : intervalOf(callsPerMinute);
    const burstMs = callsPerMinute === undefined ? 0 : (burstOf(callsPerMinute) - 1) * intervalMs;
    const { used, clock } = this.#keys;
    const args = [id, `${at} ${address}`, intervalMs, burstMs];
    const [waitMs, aheadMs] = (await use.run(this.#redis, [used, clock(id)], args)) as [number, number];
    return { waitMs, quota: callsPerMinute === undefined ? undefined : callQuota(callsPerMinute, aheadMs) };
  }

  /**
   * Reserves a batch's rows and money from a key's daily limit, or nothing if either does not fit. Negative amounts
   * release a reservation.
   *
   * @returns whether the amounts were reserved, and the totals reserved on that day
   */
  async reserve({ id, limits }: Pick<KeyRecord, "id" | "limits">, day: string, work: DayWork): Promise<Reservation> {
    const { rowsPerDay, usdPerDay } = limits;
    const args = [
      work.rows,
      Math.round(work.usd * MICRO),
      rowsPerDay ?? "",
      usdPerDay === undefined ? "" : Math.round(usdPerDay * MICRO),
      KEEP_DAY_MS,
    ];
    const reply = (await reserve.run(this.#redis, [this.#keys.day(id, day)], args)) as [number, number, number];
    const [isReserved, rows, microUsd] = reply;
    return { isReserved: isReserved === 1, rows, usd: microUsd / MICRO };
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
  const message = `This key was stored in a format that this version of Darkroom does not read (it reads up to ${LINK_FORMAT}). Update this process.`;
  throw new DarkroomError("unauthorized", message, { cause: parsed.error });
}
