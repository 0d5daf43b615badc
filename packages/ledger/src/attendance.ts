import { defineScript, type RedisConnection } from "@darkroom/redis-kit";
import { sharedKeys } from "./keys.ts";

/** Who has to be there for a batch to go on: a producer, and a worker of its lane. */
export type Post = "producer" | `worker:${string}`;

/** How often it is said. */
const SAY_EVERY_MS = 10_000;
/** Who has not said it for so long is not there. Three times missed, and a little more. */
export const ABSENT_AFTER_MS = 35_000;
/** For so long it is remembered when somebody was there last. */
const REMEMBER_MS = 30 * 86_400_000;
/** Many look at many batches; that somebody is there is asked this often at most. */
const TRUE_FOR_MS = 1_000;

/** A post as it was found. */
export interface Attended {
  /** Processes that are there. */
  readonly present: number;
  /** When one was seen last, in epoch ms of Redis' clock; undefined when none was in 30 days. */
  readonly lastSeenAt: number | undefined;
}

/** KEYS: post. ARGV: who, how long it is remembered (ms). */
const here = defineScript(`
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZADD', KEYS[1], now, 'here ' .. ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1`);

/** KEYS: post. ARGV: who, how long it is remembered (ms). */
const gone = defineScript(`
local t = redis.call('TIME')
redis.call('ZREM', KEYS[1], 'here ' .. ARGV[1])
redis.call('ZADD', KEYS[1], t[1] * 1000 + math.floor(t[2] / 1000), 'gone')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1`);

/** KEYS: post. ARGV: absent after (ms). Answers how many are there, and when somebody was last ('' for never). */
const look = defineScript(`
local t = redis.call('TIME')
local since = t[1] * 1000 + math.floor(t[2] / 1000) - ARGV[1]
local present = redis.call('ZCOUNT', KEYS[1], since, '+inf')
local gone = redis.call('ZSCORE', KEYS[1], 'gone')
if gone and tonumber(gone) >= since then present = present - 1 end
return {present, redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2] or ''}`);

/**
 * Whether anybody is at work, for people to see. It is by Redis' own clock, may be wrong for some seconds after Redis was
 * frozen, and decides nothing: whether a claim's worker is dead is for `Presence` to say.
 */
export class Attendance {
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
   * @param who an id that nobody else has
   */
  async attend(who: string, posts: readonly Post[]): Promise<() => Promise<void>> {
    const say = async (): Promise<void> => {
      await Promise.all(posts.map((post) => here.run(this.#redis, [this.#keyOf(post)], [who, REMEMBER_MS])));
    };
    let saying = say();
    await saying;
    const timer = setInterval(() => {
      saying = say().catch(() => undefined);
    }, SAY_EVERY_MS);
    return async () => {
      clearInterval(timer);
      await saying;
      await Promise.all(posts.map((post) => gone.run(this.#redis, [this.#keyOf(post)], [who, REMEMBER_MS])));
    };
  }

  /** Who is there. That somebody is may be a second old; that nobody is, is not. */
  async at(post: Post): Promise<Attended> {
    const now = performance.now();
    const known = this.#known.get(post);
    if (known !== undefined && now - known.at < TRUE_FOR_MS) return await known.answer;
    const answer = this.#look(post);
    this.#known.set(post, { at: now, answer });
    const forget = (): void => {
      if (this.#known.get(post)?.answer === answer) this.#known.delete(post);
    };
    answer.then(({ present }) => present === 0 && forget(), forget);
    return await answer;
  }

  async #look(post: Post): Promise<Attended> {
    const [present, last] = (await look.run(this.#redis, [this.#keyOf(post)], [ABSENT_AFTER_MS])) as [number, string];
    return { present, lastSeenAt: last === "" ? undefined : Number(last) };
  }
}
