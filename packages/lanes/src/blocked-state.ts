import type { Blocked } from "@darkroom/core";
import { defineScript, type RedisConnection } from "@darkroom/redis-kit";
import { PRELUDE } from "./gate-limits.ts";

/** Why a lane is blocked, and the state of its probe. */
export interface BlockedLane extends Blocked {
  /** When the next probe may enter (epoch ms, Redis' clock). */
  readonly probeAt: number;
  /** Failed probes so far. */
  readonly probes: number;
  /** When the current probe became due or started (epoch ms); null when there is none. */
  readonly probingSince: number | null;
}

/**
 * The hash `blocked`: reason, message, since (ISO 8601), probeAt, probes; by, the mark of the refused key; probingSince
 * once a probe is due; probe, the lease id of the probing call; probeUntil, the time until which that call may still
 * report after it left the gate.
 *
 *   (none) ──block──▶ blocked ──probe due──▶ probe open ──a call enters──▶ probing ──answered──▶ (none)
 *                        ▲                        ▲                          │  │
 *                        │                        └──its call is gone────────┘  │
 *                        └───────────────refused, or inconclusive───────────────┘
 */
const FIELDS = ["reason", "message", "since", "probeAt", "probes", "probingSince"] as const;

/** Upper limit of the doubling wait between probes. */
const LAST_PROBE_MS = 600_000;
const MOST_DOUBLINGS = 20;

/**
 * KEYS blocked, limits, failures · ARGV reason, message, since, first probe ms, last probe ms, lease id, when its call
 * entered ('' and 0 for a request that did not pass the gate, which counts as the refusal of an open probe), mark of
 * the key or '' · returns 2 newly blocked, 3 probe refused for a different reason, 1 probe refused for the same reason,
 * 0 already blocked, -1 the refused call began before the lane was last unblocked.
 */
const block = defineScript(`${PRELUDE}
local b = redis.call('HMGET', KEYS[1], 'reason', 'probe', 'probes', 'probingSince')
if not b[1] then
  local entered = tonumber(ARGV[7])
  if entered > 0 and entered <= tonumber(redis.call('HGET', KEYS[2], 'openAt') or '0') then return -1 end
  redis.call('HSET', KEYS[1], 'reason', ARGV[1], 'message', ARGV[2], 'since', ARGV[3], 'probes', 0, 'probeAt', now + ARGV[4],
    'by', ARGV[8])
  redis.call('DEL', KEYS[3])
  return 2
end
local ours = b[2] and b[2] == ARGV[6] or not b[2] and b[4] and ARGV[6] == ''
if not ours then return 0 end
local probes = tonumber(b[3]) + 1
local wait = math.min(tonumber(ARGV[4]) * 2 ^ math.min(probes, ${MOST_DOUBLINGS}), tonumber(ARGV[5]))
redis.call('HSET', KEYS[1], 'reason', ARGV[1], 'message', ARGV[2], 'probes', probes, 'probeAt', now + wait,
  'by', ARGV[8])
redis.call('HDEL', KEYS[1], 'probingSince', 'probe', 'probeUntil')
return b[1] == ARGV[1] and 1 or 3`);

/** Schedules another probe after an inconclusive one. KEYS blocked · ARGV lease id, wait ms · returns 1, or 0. */
const defer = defineScript(`${PRELUDE}
local probe = redis.call('HGET', KEYS[1], 'probe')
if not probe or probe ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'probeAt', now + ARGV[2])
redis.call('HDEL', KEYS[1], 'probingSince', 'probe', 'probeUntil')
return 1`);

/**
 * Called when a worker begins to serve the lane. If the refusal concerns another key, the lane is opened for this
 * worker's key. Otherwise the next probe of a refused or empty account is due now. KEYS blocked, limits, failures ·
 * ARGV mark of the worker's key or '' · returns 2 when the lane was opened, 1 when a probe is due, or 0.
 */
const serve = defineScript(`${PRELUDE}
local b = redis.call('HMGET', KEYS[1], 'reason', 'by')
if b[1] ~= 'auth' and b[1] ~= 'balance' then return 0 end
if b[1] == 'auth' and ARGV[1] ~= '' and b[2] ~= ARGV[1] then
  redis.call('DEL', KEYS[1], KEYS[3])
  redis.call('HSET', KEYS[2], 'openAt', now)
  keep(KEYS[2])
  return 2
end
redis.call('HSET', KEYS[1], 'probeAt', now)
return 1`);

/** KEYS blocked · returns 1 when a probe may enter from now on. */
const open = defineScript(`${PRELUDE}
local b = redis.call('HMGET', KEYS[1], 'probeAt', 'probingSince')
if not b[1] or b[2] or tonumber(b[1]) > now then return 0 end
redis.call('HSET', KEYS[1], 'probingSince', now)
return 1`);

/**
 * KEYS blocked, limits, failures · ARGV lease id ('' for an operator), mark of the answered key or '' · returns 1 when
 * the lane was unblocked. Only the lane's probe proves that an account works again, but any answer ends an outage. If
 * the first probe succeeds, the account may have worked throughout; see `provenAt` in gate-limits.ts.
 */
const unblock = defineScript(`${PRELUDE}
local b = redis.call('HMGET', KEYS[1], 'reason', 'probe', 'probes')
if not b[1] then return 0 end
if ARGV[1] ~= '' and b[2] ~= ARGV[1] and b[1] ~= 'outage' then return 0 end
redis.call('DEL', KEYS[1], KEYS[3])
redis.call('HSET', KEYS[2], 'openAt', now)
if ARGV[1] ~= '' and ARGV[2] ~= '' and b[1] ~= 'outage' and b[3] == '0' then
  redis.call('HSET', KEYS[2], 'provenAt', now, 'provenBy', ARGV[2])
end
keep(KEYS[2])
return 1`);

/** A lane's blocked state. Each transition is one script, so that concurrent workers and producers are safe. */
export class BlockedState {
  readonly #redis: RedisConnection;
  readonly #keys: { readonly blocked: string; readonly limits: string; readonly failures: string };
  readonly #firstProbeMs: number;
  readonly #keyMark: string;

  constructor(
    redis: RedisConnection,
    keys: { readonly blocked: string; readonly limits: string; readonly failures: string },
    firstProbeMs: number,
    keyMark: string,
  ) {
    this.#redis = redis;
    this.#keys = keys;
    this.#firstProbeMs = firstProbeMs;
    this.#keyMark = keyMark;
  }

  async read(): Promise<BlockedLane | undefined> {
    const [reason, message, since, probeAt, probes, probingSince] = await this.#redis.hmget(
      this.#keys.blocked,
      ...FIELDS,
    );
    if (reason === null || reason === undefined) return undefined;
    return {
      reason: reason as BlockedLane["reason"],
      message: message ?? "",
      since: since ?? "",
      probeAt: Number(probeAt),
      probes: Number(probes),
      probingSince: probingSince === null || probingSince === undefined ? null : Number(probingSince),
    };
  }

  /** @param call the refused call, if it passed the gate */
  async block(
    reason: Blocked["reason"],
    message: string,
    call?: { readonly leaseId: string; readonly enteredAt: number },
  ): Promise<"blocked" | "refused again" | "refused otherwise" | "known" | "stale"> {
    const { blocked, limits, failures } = this.#keys;
    const since = new Date().toISOString();
    const { leaseId = "", enteredAt = 0 } = call ?? {};
    const times = [this.#firstProbeMs, LAST_PROBE_MS];
    const args = [reason, message, since, ...times, leaseId, enteredAt, this.#keyMark];
    const reply = (await block.run(this.#redis, [blocked, limits, failures], args)) as number;
    if (reply === 2) return "blocked";
    if (reply === 3) return "refused otherwise";
    if (reply === 1) return "refused again";
    return reply === 0 ? "known" : "stale";
  }

  /** Schedules another probe after an inconclusive one. Returns false when this call was not the probe. */
  async defer(leaseId: string): Promise<boolean> {
    return (await defer.run(this.#redis, [this.#keys.blocked], [leaseId, this.#firstProbeMs])) === 1;
  }

  /** See {@link Lane.serve}. Returns true when the lane was opened. */
  async serve(): Promise<boolean> {
    const { blocked, limits, failures } = this.#keys;
    return (await serve.run(this.#redis, [blocked, limits, failures], [this.#keyMark])) === 2;
  }

  /** Lets one call through as a probe if one is due. */
  async openProbe(): Promise<boolean> {
    return (await open.run(this.#redis, [this.#keys.blocked], [])) === 1;
  }

  /** See {@link Lane.provenAt}. */
  async provenAt(): Promise<number | undefined> {
    const [at, by] = await this.#redis.hmget(this.#keys.limits, "provenAt", "provenBy");
    return typeof at !== "string" || by !== this.#keyMark ? undefined : Number(at);
  }

  /** @param leaseId of the answered call; absent for an operator's request */
  async unblock(leaseId = ""): Promise<boolean> {
    const { blocked, limits, failures } = this.#keys;
    return (await unblock.run(this.#redis, [blocked, limits, failures], [leaseId, this.#keyMark])) === 1;
  }
}
