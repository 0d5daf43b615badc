import { protocolMs } from "@darkroom/core";
import type { BlockedDestination, DestinationFault } from "@darkroom/core";
import { defineScript, type RedisConnection } from "@darkroom/redis-kit";
import { sharedKeys } from "../keys.ts";

/** Delay of the first probe after a refusal. Each refused probe doubles the delay, up to the maximum. */
export const FIRST_LOOK_MS = protocolMs(5_000);
const LAST_LOOK_MS = protocolMs(20_000);
/** A destination that refuses writes again within this time after it was unblocked keeps its backoff. */
const RELAPSE_MS = 600_000;
/** Timeout for a probe, because its process may have died. */
const LOOK_TAKES_MS = 60_000;

/** Identifies the place. */
export type DestinationPlace = Pick<BlockedDestination, "url" | "folder">;

/** Details of a refused write. */
export interface DestinationRefusal {
  readonly reason: DestinationFault;
  readonly message: string;
  /** Size of the refused write. A probe writes the same number of bytes. */
  readonly sizeBytes: number;
}

/**
 * Field of the hash `ns:destinations` → JSON: reason, message, since, sizeBytes, probes (number of refused probes),
 * nextLookAt; lookUntil while a process probes; liftedAt once writes are accepted again, kept so that a relapse keeps
 * its backoff.
 *
 *   (none) ──block──▶ blocked ──take──▶ looking ──refused──▶ blocked, later
 *                        ▲                 └──lift──▶ lifted ──after RELAPSE_MS, or without a batch──▶ (none)
 *                        └─────────block──────────────┘
 */
const PRELUDE = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local text = redis.call('HGET', KEYS[1], ARGV[1])
local known = text and cjson.decode(text)
local function waits(probes) return now + math.min(${FIRST_LOOK_MS} * 2 ^ math.min(probes, 20), ${LAST_LOOK_MS}) end
local function keep(entry) redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(entry)) end
`;

/**
 * KEYS destinations · ARGV field, reason, message, since, bytes · returns 1 if the destination is newly blocked, 0 if
 * it was already blocked.
 */
const block = defineScript(`${PRELUDE}
if known and not known.liftedAt then return 0 end
local probes = 0
if known and now - known.liftedAt < ${RELAPSE_MS} then probes = known.probes end
keep({ reason = ARGV[2], message = ARGV[3], since = ARGV[4], sizeBytes = tonumber(ARGV[5]), probes = probes,
  nextLookAt = waits(probes) })
return 1`);

/**
 * KEYS destinations · ARGV field · returns the bytes to probe with, or -1 when no probe is due or another process
 * probes.
 */
const take = defineScript(`${PRELUDE}
if not known or known.liftedAt or known.nextLookAt > now or (known.lookUntil or 0) > now then return -1 end
known.lookUntil = now + ${LOOK_TAKES_MS}
keep(known)
return known.sizeBytes`);

/** KEYS destinations · ARGV field, reason, message · returns 1 if the reason has changed, else 0. */
const refuse = defineScript(`${PRELUDE}
if not known or known.liftedAt then return 0 end
local differs = known.reason ~= ARGV[2]
known.probes, known.reason, known.message, known.lookUntil = known.probes + 1, ARGV[2], ARGV[3], nil
known.nextLookAt = waits(known.probes)
keep(known)
return differs and 1 or 0`);

/** KEYS destinations · ARGV field · returns 1 if the destination was blocked. */
const lift = defineScript(`${PRELUDE}
if not known or known.liftedAt then return 0 end
known.liftedAt, known.probes, known.lookUntil = now, known.probes + 1, nil
keep(known)
return 1`);

/**
 * The destinations that refuse writes, shared by all processes of a deployment. Only destinations of active batches are
 * stored, so their number is small.
 */
export class BlockedDestinations {
  readonly #redis: RedisConnection;
  readonly #key: string;

  constructor(redis: RedisConnection, namespace: string) {
    this.#redis = redis;
    this.#key = sharedKeys(namespace).destinations;
  }

  /** Returns all blocked destinations. */
  async read(): Promise<readonly BlockedDestination[]> {
    const entries = Object.entries(await this.#redis.hgetall(this.#key));
    return entries.map(([field, text]) => parse(field, text)).filter((entry) => entry !== undefined);
  }

  /** @returns true if the destination was not blocked before */
  async block(place: DestinationPlace, { reason, message, sizeBytes }: DestinationRefusal): Promise<boolean> {
    const args = [fieldOf(place), reason, message, new Date().toISOString(), sizeBytes];
    return (await block.run(this.#redis, [this.#key], args)) === 1;
  }

  /**
   * Claims the next probe of a blocked destination if it is due. Only one process gets the probe.
   *
   * @returns the number of bytes to probe with; undefined if this process must not probe now
   */
  async take(place: DestinationPlace): Promise<number | undefined> {
    const sizeBytes = (await take.run(this.#redis, [this.#key], [fieldOf(place)])) as number;
    return sizeBytes < 0 ? undefined : sizeBytes;
  }

  /**
   * Records a refused probe.
   *
   * @returns true if the reason has changed
   */
  async refuse(place: DestinationPlace, { reason, message }: Omit<DestinationRefusal, "sizeBytes">): Promise<boolean> {
    return (await refuse.run(this.#redis, [this.#key], [fieldOf(place), reason, message])) === 1;
  }

  /**
   * Records that the destination accepts writes again.
   *
   * @returns true if it was blocked
   */
  async lift(place: DestinationPlace): Promise<boolean> {
    return (await lift.run(this.#redis, [this.#key], [fieldOf(place)])) === 1;
  }

  /** Forgets the destinations that no active batch writes to. */
  async retain(urls: ReadonlySet<string>): Promise<void> {
    const fields = await this.#redis.hkeys(this.#key);
    const gone = fields.filter((field) => !urls.has(placeOf(field).url));
    if (gone.length > 0) await this.#redis.hdel(this.#key, ...gone);
  }
}

function fieldOf({ url, folder }: DestinationPlace): string {
  return JSON.stringify([url, folder]);
}

function placeOf(field: string): DestinationPlace {
  const [url = "", folder = ""] = JSON.parse(field) as string[];
  return { url, folder };
}

function parse(field: string, text: string): BlockedDestination | undefined {
  const { liftedAt, reason, message, since, nextLookAt } = JSON.parse(text) as Omit<BlockedDestination, "url"> & {
    readonly liftedAt?: number;
  };
  return liftedAt === undefined ? { ...placeOf(field), reason, message, since, nextLookAt } : undefined;
}
