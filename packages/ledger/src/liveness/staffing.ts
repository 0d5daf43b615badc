import { protocolMs } from "@darkroom/core";
import type { ProcessMeans } from "@darkroom/core";
import { defineScript, type RedisConnection } from "@darkroom/redis-kit";
import { sharedKeys } from "../keys.ts";

/** Who has to be there for a batch to go on: a producer, and a worker of its lane. */
export type Post = "producer" | `worker:${string}`;

/** How often it is said. */
const SAY_EVERY_MS = protocolMs(10_000);
/** Who has not said it for so long is not there. Three times missed, and a little more. */
export const ABSENT_AFTER_MS = protocolMs(35_000);
/** For so long it is remembered when somebody was there last. */
const REMEMBER_MS = 30 * 86_400_000;
/** Many look at many batches; that somebody is there is asked this often at most. */
const TRUE_FOR_MS = protocolMs(1_000);
const SCAN_COUNT = 1_000;

/** A post as it was found. */
export interface Attended {
  /** Processes that are there. */
  readonly present: number;
  /** What they have: once for all that have the same. */
  readonly means: readonly ProcessMeans[];
  /** When one was seen last, in epoch ms of Redis' clock; undefined when none was in 30 days. */
  readonly lastSeenAt: number | undefined;
}

/** KEYS: post. ARGV: who and what it has, how long it is remembered (ms), the same entry as it was before. */
const here = defineScript(`
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
if ARGV[3] ~= ARGV[1] then redis.call('ZREM', KEYS[1], 'here ' .. ARGV[3]) end
redis.call('ZADD', KEYS[1], now, 'here ' .. ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1`);

/** KEYS: post. ARGV: who and what it has, how long it is remembered (ms). */
const gone = defineScript(`
local t = redis.call('TIME')
redis.call('ZREM', KEYS[1], 'here ' .. ARGV[1])
redis.call('ZADD', KEYS[1], t[1] * 1000 + math.floor(t[2] / 1000), 'gone')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1`);

/** KEYS: post. ARGV: epoch ms. Removes who said to be there before that; when one was seen last is kept. */
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
 * KEYS: post. ARGV: absent after (ms). Answers how many are there, when somebody was last ('' for never), and what those
 * that are there have, once for all that have the same.
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
 * Who is at work, and what they have. It is by Redis' own clock, and may be wrong for some seconds after Redis was frozen:
 * it is for people to see, and tells the feeder of a lane which batches to leave out because nobody there can do them.
 * Whether a claim's worker is dead is for `WorkerHeartbeats` to say.
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
   * Says that somebody is there, again and again, until the answered function is called.
   *
   * @param who an id that nobody else has, without spaces
   * @param means asked each time: a process may find out later that it lacks something
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
   * Who is there. An answer that is enough may be a second old; one that is not is never.
   *
   * @param isEnough defaults to whether anybody is there
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
   * Takes every process for gone that said to be there, if this one is the only one of its Redis. A process that joins
   * meanwhile is kept: what it says is newer than the time that is read before `isAlone` is asked.
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
