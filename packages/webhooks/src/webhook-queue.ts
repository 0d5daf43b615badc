import { defineScript, type RedisConnection } from "@darkroom/redis-kit";
import { packMessage, unpackMessage, type WebhookMessage } from "./message.ts";
import { KEPT_ATTEMPTS, KEPT_MS, type DeliveryAttempt } from "./delivery-log.ts";
import { NOW_MS, webhookKeys, type WebhookKeys } from "./webhook-keys.ts";

/*
 * Each endpoint has one line of messages per batch. The head of a line is attempted until it is delivered or given up.
 * Lines do not wait for each other. The script that records a delivery also removes the message from its line. If a
 * process dies before that, the message is delivered again with the same id, but never lost.
 */

/** A longer wait than any that is asked for. Redis' clock was set back since, so the wait is over. */
const LONGEST_WAIT_MS = 86_400_000 + 60_000;
/** Lines that one look finds. */
const FOUND_LINES = 256;

/**
 * Appends messages and moves the endpoint's position in the feed. KEYS endpoints, cursors, waiting, the endpoint's
 * lines, each line · ARGV id, present position, next position; list of number of the line, source, message · returns 0,
 * without a change, if the endpoint is gone or its position has moved.
 */
const append = defineScript(`
local endpoints, cursors, waiting, lines = unpack(KEYS, 1, 4)
local id = ARGV[1]
if redis.call('HEXISTS', endpoints, id) == 0 or redis.call('HGET', cursors, id) ~= ARGV[2] then return 0 end
${NOW_MS}
for a = 4, #ARGV, 3 do
  redis.call('RPUSH', KEYS[4 + ARGV[a]], ARGV[a + 2])
  redis.call('ZADD', lines, 'NX', now, ARGV[a + 1])
end
if #ARGV > 3 then redis.call('HINCRBY', waiting, id, (#ARGV - 3) / 3) end
redis.call('HSET', cursors, id, ARGV[3])
return 1`);

/**
 * Adds one message at once, or repeats the attempt now if the message is the head of its own line. KEYS endpoints,
 * waiting, the endpoint's lines, the message's own line, the line of its batch, the endpoint's health · ARGV id,
 * message, source of its own, its batch · returns 0 if the endpoint is gone.
 */
const add = defineScript(`
local endpoints, waiting, lines, own, usual, health = unpack(KEYS)
if redis.call('HEXISTS', endpoints, ARGV[1]) == 0 then return 0 end
${NOW_MS}
redis.call('HDEL', health, 'holdUntil')
if redis.call('LINDEX', usual, 0) == ARGV[2] then
  redis.call('ZADD', lines, now, ARGV[4])
elseif redis.call('LPOS', own, ARGV[2]) == false then
  redis.call('RPUSH', own, ARGV[2])
  redis.call('ZADD', lines, 'NX', now, ARGV[3])
  redis.call('HINCRBY', waiting, ARGV[1], 1)
end
return 1`);

/** The line of the test. */
const TEST = "alone:test";

/** KEYS endpoints, waiting, the endpoint's lines, the test's, attempts, health · ARGV id, message, the test's source. */
const addTest = defineScript(`
local endpoints, waiting, lines, own, attempts, health = unpack(KEYS)
if redis.call('HEXISTS', endpoints, ARGV[1]) == 0 then return 0 end
${NOW_MS}
redis.call('HDEL', health, 'holdUntil')
if redis.call('DEL', own) == 0 then redis.call('HINCRBY', waiting, ARGV[1], 1) end
redis.call('HDEL', attempts, ARGV[3])
redis.call('RPUSH', own, ARGV[2])
redis.call('ZADD', lines, now, ARGV[3])
return 1`);

/**
 * KEYS the endpoint's lines, attempts, health · ARGV most lines · returns the ms until more
 * lines are due (-1: none waits), then the due lines and the attempts of each.
 */
const due = defineScript(`
${NOW_MS}
local hold = tonumber(redis.call('HGET', KEYS[3], 'holdUntil') or '0') - now
if hold > 0 and hold <= ${LONGEST_WAIT_MS} then return { hold } end
local later = redis.call('ZRANGEBYSCORE', KEYS[1], string.format('(%.0f', now), '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
local found = { later[2] and later[2] - now or -1 }
local function look(from, to)
  for _, source in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], from, to, 'LIMIT', 0, ARGV[1])) do
    found[#found + 1] = source
    found[#found + 1] = redis.call('HGET', KEYS[2], source) or '0'
  end
end
look('-inf', now)
look(string.format('%.0f', now + ${LONGEST_WAIT_MS}), '+inf')
return found`);

/**
 * Records an attempt. KEYS the endpoint's lines, the line, attempts, waiting, health, log · ARGV id, source, the message
 * that was sent, 1 if it leaves the line, 1 if it was delivered, delay (ms), hold (ms), number of the attempt, why it
 * failed, the log's entry, kept entries, their maximum age (ms) · returns 0 if the message is no longer the head of its
 * line, otherwise {messages that remain, first failure since the last success (epoch ms) or 0}.
 */
const settle = defineScript(`
local lines, line, attempts, waiting, health, log = unpack(KEYS)
local id, source, message, leaves, delivered, delay, hold, attempt, failure, entry, kept, keptMs = unpack(ARGV)
if redis.call('LINDEX', line, 0) ~= message then return 0 end
${NOW_MS}
redis.call('XADD', log, 'MAXLEN', '~', kept, '*', 'attempt', entry)
redis.call('XTRIM', log, 'MINID', '~', string.format('%.0f', now - keptMs))
if delivered == '1' then
  redis.call('HSET', health, 'deliveredAt', now)
  redis.call('HDEL', health, 'failingSince', 'failure', 'holdUntil')
else
  redis.call('HSETNX', health, 'failingSince', now)
  redis.call('HSET', health, 'failedAt', now, 'failure', failure)
  if tonumber(hold) > 0 then redis.call('HSET', health, 'holdUntil', string.format('%.0f', now + hold)) end
end
if leaves == '1' then
  redis.call('LPOP', line)
  redis.call('HDEL', attempts, source)
  if redis.call('HINCRBY', waiting, id, -1) <= 0 then redis.call('HDEL', waiting, id) end
  if redis.call('EXISTS', line) == 1 then redis.call('ZADD', lines, now, source) else redis.call('ZREM', lines, source) end
else
  redis.call('HSET', attempts, source, attempt)
  redis.call('ZADD', lines, string.format('%.0f', now + delay), source)
end
return { redis.call('LLEN', line), tonumber(redis.call('HGET', health, 'failingSince') or '0') }`);

/**
 * Drops what waits, and removes the endpoint or moves its position. KEYS endpoints, cursors, waiting, the endpoint's
 * lines, attempts, health, log, all endpoints, the tenant's, each line · ARGV id, next position or '' to remove the
 * endpoint, the source of each line · returns 0, without a change, if there are further lines by now.
 */
const clear = defineScript(`
local endpoints, cursors, waiting, lines, attempts, health, log, all, own = unpack(KEYS, 1, 9)
local id, position = ARGV[1], ARGV[2]
local known = {}
for a = 3, #ARGV do known[ARGV[a]] = true end
for _, source in ipairs(redis.call('ZRANGE', lines, 0, -1)) do
  if not known[source] then return 0 end
end
for k = 10, #KEYS do redis.call('DEL', KEYS[k]) end
redis.call('DEL', lines, attempts)
redis.call('HDEL', waiting, id)
if position ~= '' then
  if redis.call('HEXISTS', endpoints, id) == 1 then redis.call('HSET', cursors, id, position) end
  redis.call('HDEL', health, 'holdUntil')
  return 1
end
redis.call('HDEL', endpoints, id)
redis.call('HDEL', cursors, id)
redis.call('ZREM', all, id)
redis.call('ZREM', own, id)
redis.call('DEL', health, log)
return 1`);

/**
 * Lets everything that waits be attempted now, with all attempts again. KEYS the endpoint's lines, attempts, health.
 */
const refresh = defineScript(`
${NOW_MS}
for _, source in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do redis.call('ZADD', KEYS[1], now, source) end
redis.call('DEL', KEYS[2])
redis.call('HDEL', KEYS[3], 'failingSince', 'failure', 'holdUntil')
return 1`);

/** A line that is due. */
export interface DueLine {
  readonly source: string;
  /** Attempts of its first message so far. */
  readonly attempts: number;
}

/** The first message of a line. */
export interface LineHead extends DueLine {
  readonly message: WebhookMessage;
}

/** A message with the source whose order it keeps. */
export interface SourcedMessage {
  readonly source: string;
  readonly message: WebhookMessage;
}

/** The next step after an attempt; see `judgeAttempt`. */
export interface SettledAttempt {
  readonly leaves: boolean;
  readonly delayMs: number;
  readonly holdMs: number;
  readonly entry: DeliveryAttempt;
}

/** An endpoint's identity. */
export interface WebhookOwner {
  readonly id: string;
  readonly tenant: string;
}

/** Messages that wait for their delivery. */
export class WebhookQueue {
  readonly #redis: RedisConnection;
  readonly #keys: WebhookKeys;

  constructor(redis: RedisConnection, namespace: string) {
    this.#redis = redis;
    this.#keys = webhookKeys(namespace);
  }

  /** Returns each endpoint's position in the feed. */
  async cursors(): Promise<Readonly<Record<string, string>>> {
    return await this.#redis.hgetall(this.#keys.cursors);
  }

  /** Returns the number of messages that wait at each endpoint that has any. */
  async waiting(): Promise<Readonly<Record<string, number>>> {
    const counts = await this.#redis.hgetall(this.#keys.waiting);
    return Object.fromEntries(Object.entries(counts).map(([id, count]) => [id, Number(count)]));
  }

  /**
   * Appends an endpoint's next messages, and moves its position in the feed with them.
   *
   * @returns false, without a change, if the endpoint is gone or its position has moved
   */
  async append(
    id: string,
    [from, to]: readonly [from: string, to: string],
    messages: readonly SourcedMessage[],
  ): Promise<boolean> {
    const { endpoints, cursors, waiting, lines, line } = this.#keys;
    const sources = [...new Set(messages.map(({ source }) => source))];
    const keys = [endpoints, cursors, waiting, lines(id), ...sources.map((source) => line(id, source))];
    const rows = messages.flatMap(({ source, message }) => [sources.indexOf(source) + 1, source, packMessage(message)]);
    return (await append.run(this.#redis, keys, [id, from, to, ...rows])) === 1;
  }

  /**
   * Adds one message, which waits for no other message. If it is already the head of its batch's line, it is attempted
   * now.
   *
   * @param source the batch
   * @returns false if the endpoint is gone
   */
  async add(id: string, { source, message }: SourcedMessage): Promise<boolean> {
    const { endpoints, waiting, lines, line, health } = this.#keys;
    const own = `alone:${message.id}`;
    const keys = [endpoints, waiting, lines(id), line(id, own), line(id, source), health(id)];
    return (await add.run(this.#redis, keys, [id, packMessage(message), own, source])) === 1;
  }

  /**
   * Adds a test. It replaces a test that still waits, and is attempted now.
   *
   * @returns false if the endpoint is gone
   */
  async addTest(id: string, message: WebhookMessage): Promise<boolean> {
    const { endpoints, waiting, lines, line, attempts, health } = this.#keys;
    const keys = [endpoints, waiting, lines(id), line(id, TEST), attempts(id), health(id)];
    return (await addTest.run(this.#redis, keys, [id, packMessage(message), TEST])) === 1;
  }

  /**
   * Returns lines whose first message is due.
   *
   * @returns also the time in ms until further lines are due; undefined if there are none
   */
  async due(id: string): Promise<{ readonly lines: readonly DueLine[]; readonly nextMs: number | undefined }> {
    const { lines, attempts, health } = this.#keys;
    const reply = await due.run(this.#redis, [lines(id), attempts(id), health(id)], [FOUND_LINES]);
    const [nextMs, ...found] = reply as [number, ...string[]];
    return {
      lines: found.flatMap((source, at) => (at % 2 === 0 ? [{ source, attempts: Number(found[at + 1]) }] : [])),
      nextMs: nextMs < 0 ? undefined : nextMs,
    };
  }

  /** Returns the first message of a line. */
  async head(id: string, source: string): Promise<LineHead | undefined> {
    const { line, attempts } = this.#keys;
    const [text, count] = await Promise.all([
      this.#redis.lindex(line(id, source), 0),
      this.#redis.hget(attempts(id), source),
    ]);
    return text === null ? undefined : { source, message: unpackMessage(text), attempts: Number(count ?? 0) };
  }

  /**
   * Records an attempt to deliver the first message of a line.
   *
   * @returns the messages that remain in the line and the first failure since the last success (epoch ms, or 0);
   * undefined if the line has changed in the meantime, because another process delivered it or the endpoint was deleted
   */
  async settle(
    id: string,
    { source, message, attempts: before }: LineHead,
    { leaves, delayMs, holdMs, entry }: SettledAttempt,
  ): Promise<{ readonly remaining: number; readonly failingSince: number } | undefined> {
    const { lines, line, attempts, waiting, health, log } = this.#keys;
    const keys = [lines(id), line(id, source), attempts(id), waiting, health(id), log(id)];
    const reply = await settle.run(this.#redis, keys, [
      id,
      source,
      packMessage(message),
      leaves ? 1 : 0,
      entry.outcome === "delivered" ? 1 : 0,
      delayMs,
      holdMs,
      before + 1,
      entry.failure ?? "",
      JSON.stringify(entry),
      KEPT_ATTEMPTS,
      KEPT_MS,
    ]);
    if (reply === 0) return undefined;
    const [remaining, failingSince] = reply as [number, number];
    return { remaining, failingSince };
  }

  /** Lets everything that waits at an endpoint be attempted now, as for the first time. */
  async refresh(id: string): Promise<void> {
    const { lines, attempts, health } = this.#keys;
    await refresh.run(this.#redis, [lines(id), attempts(id), health(id)], []);
  }

  /** Records that the feed has dropped events before they were read for an endpoint. */
  async noteMissed(id: string, atMs: number): Promise<void> {
    await this.#redis.hset(this.#keys.health(id), "missedAt", atMs);
  }

  /** Deletes an endpoint with everything that waits. */
  async remove(webhook: WebhookOwner): Promise<void> {
    while (!(await this.#clear(webhook, ""))) continue;
  }

  /** Returns when the oldest event that is still to be sent was added to the feed, epoch ms; 0 for the feed's start. */
  async oldestUnsent(id: string): Promise<number> {
    const { lines, line, cursors } = this.#keys;
    const [sources, cursor] = await Promise.all([this.#redis.zrange(lines(id), 0, -1), this.#redis.hget(cursors, id)]);
    const heads = await Promise.all(sources.map((source) => this.#redis.lindex(line(id, source), 0)));
    const positions = [cursor, ...heads.map((text) => (text === null ? null : unpackMessage(text).position))];
    const times = positions.map((position) => Number.parseInt(position ?? "", 10));
    return Math.min(...times.filter((ms) => !Number.isNaN(ms)));
  }

  /**
   * Drops what waits and continues at another position of the feed.
   *
   * @param position the feed's; must be before {@link oldestUnsent}, or that event is lost
   */
  async rewind(webhook: WebhookOwner, position: string): Promise<void> {
    while (!(await this.#clear(webhook, position))) continue;
  }

  async #clear({ id, tenant }: WebhookOwner, position: string): Promise<boolean> {
    const { endpoints, cursors, waiting, lines, line, attempts, health, log, all, of } = this.#keys;
    const sources = await this.#redis.zrange(lines(id), 0, -1);
    const shared = [endpoints, cursors, waiting, lines(id), attempts(id), health(id), log(id), all, of(tenant)];
    const keys = [...shared, ...sources.map((source) => line(id, source))];
    return (await clear.run(this.#redis, keys, [id, position, ...sources])) === 1;
  }
}
