import { protocolMs } from "@darkroom/core";
import type { ProcessMeans } from "@darkroom/core";
import { defineScript, type RedisConnection } from "@darkroom/redis-kit";
import { sharedKeys } from "../keys.ts";

/** A role that a batch needs a process for: a producer, or a worker of its lane. */
export type Post = "producer" | `worker:${string}`;

/** Interval of reports. */
const SAY_EVERY_MS = protocolMs(10_000);
/** A process that is silent for this long is considered gone (three missed reports and a margin). */
export const ABSENT_AFTER_MS = protocolMs(35_000);
/** How long the time of the last presence is kept. */
const REMEMBER_MS = 30 * 86_400_000;
/** Lifetime of the cache, because many readers check many batches. */
const TRUE_FOR_MS = protocolMs(1_000);
const SCAN_COUNT = 1_000;

/** The presence of processes at a post. */
export interface Attended {
  /** Number of present processes. */
  readonly present: number;
  /** The capabilities of these processes, without duplicates. */
  readonly means: readonly ProcessMeans[];
  /** When a process was last seen (epoch ms, Redis' clock); undefined if none was seen within 30 days. */
  readonly lastSeenAt: number | undefined;
}

/** KEYS: post. ARGV: id and means, expiry (ms), the previous entry. */
const here = defineScript(`
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
if ARGV[3] ~= ARGV[1] then redis.call('ZREM', KEYS[1], 'here ' .. ARGV[3]) end
redis.call('ZADD', KEYS[1], now, 'here ' .. ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1`);

/** KEYS: post. ARGV: id and means, expiry (ms). */
const gone = defineScript(`
local t = redis.call('TIME')
redis.call('ZREM', KEYS[1], 'here ' .. ARGV[1])
redis.call('ZADD', KEYS[1], t[1] * 1000 + math.floor(t[2] / 1000), 'gone')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1`);

/** KEYS: post. ARGV: epoch ms. Removes processes whose last report is older, and records when one was last seen. */
const empty = defineScript(`
for _, entry in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[1])) do
  if string.sub(entry, 1, 5) == 'here ' then
    local last = redis.call('ZSCORE', KEYS[1], entry)
    redis.call('ZREM', KEYS[1], entry)
    redis.call('ZADD', KEYS[1], 'GT', last, 'gone')
  end
end
return 1`);

/**
 * KEYS: post. ARGV: absent after (ms). Returns the number of present processes, when one was last seen ('' for never),
 * and their means without duplicates.
 */
const look = defineScript(`
local t = redis.call('TIME')
local since = t[1] * 1000 + math.floor(t[2] / 1000) - ARGV[1]
local found = {0, redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2] or ''}
local seen = {}
for _, entry in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], since, '+inf')) do
  local has = string.match(entry, '^here %S+ (.*)$')
  if has then
    found[1] = found[1] + 1
    if not seen[has] then found[#found + 1] = has end
    seen[has] = true
  end
end
return found`);

/**
 * Tracks which processes run and what they support. Uses Redis' clock, and may be wrong for some seconds after Redis
 * was frozen. The result is shown to users, and a lane's feeder uses it to skip batches that no process supports.
 * `WorkerHeartbeats` decides whether a claim's worker is dead.
 */
export class Staffing {
  readonly #redis: RedisConnection;
  readonly #keyOf: (post: Post) => string;
  readonly #known = new Map<Post, { readonly at: number; readonly answer: Promise<Attended> }>();

  constructor(redis: RedisConnection, namespace: string) {
    this.#redis = redis;
    this.#keyOf = sharedKeys(namespace).attendance;
  }

  /**
   * Reports this process as present repeatedly, until the returned function is called.
   *
   * @param who a unique id without spaces
   * @param means called for each report, because a process may detect later that it lacks a requirement
   */
  async attend(who: string, posts: readonly Post[], means: () => ProcessMeans): Promise<() => Promise<void>> {
    let said = "";
    const say = async (): Promise<void> => {
      const before = said;
      said = `${who} ${JSON.stringify(means())}`;
      const args = [said, REMEMBER_MS, before === "" ? said : before];
      await Promise.all(posts.map((post) => here.run(this.#redis, [this.#keyOf(post)], args)));
    };
    let saying = say();
    await saying;
    const timer = setInterval(() => {
      saying = say().catch(() => undefined);
    }, SAY_EVERY_MS);
    return async () => {
      clearInterval(timer);
      await saying;
      await Promise.all(posts.map((post) => gone.run(this.#redis, [this.#keyOf(post)], [said, REMEMBER_MS])));
    };
  }

  /**
   * Returns the presence at a post. A sufficient result may be cached for a second. An insufficient result is always
   * fresh.
   *
   * @param isEnough defaults to whether any process is present
   */
  async at(post: Post, isEnough: (found: Attended) => boolean = ({ present }) => present > 0): Promise<Attended> {
    const now = performance.now();
    const known = this.#known.get(post);
    if (known !== undefined && now - known.at < TRUE_FOR_MS) {
      const found = await known.answer;
      if (isEnough(found)) return found;
    }
    const answer = this.#look(post);
    this.#known.set(post, { at: now, answer });
    answer.catch(() => {
      if (this.#known.get(post)?.answer === answer) this.#known.delete(post);
    });
    return await answer;
  }

  /**
   * Marks all reported processes as gone if this process is the only one that uses its Redis. Keeps a process that
   * joins in the meantime, because its report is newer than the time read before `isAlone` is called.
   */
  async clear(isAlone: () => boolean): Promise<void> {
    const [seconds, micros] = await this.#redis.time();
    if (!isAlone()) return;
    const before = Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
    const pattern = `${this.#keyOf("*" as Post)}`;
    let cursor = "0";
    do {
      const [next, posts] = await this.#redis.scan(cursor, "MATCH", pattern, "COUNT", SCAN_COUNT);
      cursor = next;
      await Promise.all(posts.map((post) => empty.run(this.#redis, [post], [before])));
    } while (cursor !== "0");
    this.#known.clear();
  }

  async #look(post: Post): Promise<Attended> {
    const found = (await look.run(this.#redis, [this.#keyOf(post)], [ABSENT_AFTER_MS])) as [number, ...string[]];
    const [present, last = "", ...means] = found;
    return {
      present,
      lastSeenAt: last === "" ? undefined : Number(last),
      means: means.map((text) => JSON.parse(text) as ProcessMeans),
    };
  }
}
