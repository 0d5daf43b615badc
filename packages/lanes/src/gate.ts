import { ScriptBundles, type BundledScript, type RedisConnection } from "@darkroom/redis-kit";
import { LEASE_MS, LONGEST_HOLD_MS, SETTLE_MS, WIDEN_EVERY_MS, type GateLimits } from "./gate-limits.ts";
import * as scripts from "./gate-scripts.ts";
import { laneKeys } from "./lane-keys.ts";

export type { GateLimits } from "./gate-limits.ts";

/** The gate's answer to a call. */
export type GateAnswer =
  /** The call may go. {@link Gate.leave} must follow. */
  | {
      readonly kind: "entered";
      /** True for a blocked lane's probe. */
      readonly probing: boolean;
      /** Epoch ms, Redis' clock. */
      readonly enteredAt: number;
      /** Delay that the call adds to the next call, in ms, in a lane with a rate. */
      readonly intervalMs: number;
    }
  | { readonly kind: "wait"; readonly waitMs: number }
  /** The lane is blocked, and this call is not its probe. */
  | { readonly kind: "blocked" };

/** A call that the provider throttled. */
export interface Throttled {
  readonly cause: "rate" | "concurrency";
  /** As stated by the provider, or a guess. */
  readonly waitMs: number;
  /** From {@link GateAnswer}. */
  readonly enteredAt: number;
  /** A message for users. */
  readonly message: string;
}

/** The rate in a provider's headers (`X-RateLimit-*`). */
export interface StatedRate {
  /** Calls per minute. */
  readonly limit: number | undefined;
  readonly remaining: number | undefined;
  /** Time until the count resets. */
  readonly resetMs: number | undefined;
}

/** The effect of a throttled call. */
export interface Lesson {
  /** True when the call lowered a limit. */
  readonly narrowed: boolean;
  /** Concurrent calls from now on. */
  readonly concurrency: number;
  /** Epoch ms, Redis' clock. */
  readonly at: number;
}

/** The current limits of an account. */
export interface GateState {
  /** Epoch ms, Redis' clock. */
  readonly at: number;
  /** Concurrent calls allowed now. */
  readonly concurrency: number;
  /** Calls per minute allowed now; undefined for unlimited. */
  readonly ratePerMinute: number | undefined;
  /** Running calls. */
  readonly running: number;
  /** End of the hold (epoch ms); undefined when calls may start. */
  readonly heldUntil: number | undefined;
  readonly heldFor: string | undefined;
  /** End of the wait that the provider requested (epoch ms) during a hold. May be later than `heldUntil`. */
  readonly askedUntil: number | undefined;
  /** When a limit was last lowered (epoch ms), while the limit is still below the configured one. */
  readonly narrowedAt: number | undefined;
  readonly narrowedFor: string | undefined;
}

/** Calls of one second may start in a burst. */
const BURST_MS = 1_000;
/** Minimum interval between two reports of an unexhausted rate by one process. */
const TELL_AGAIN_MS = 60_000;
const TELL_PACE_AGAIN_MS = 1_000;
/** A pace is reported only if it is slower than the rate by this factor. */
const SLOWER = 1.1;

/**
 * The gate of a provider account. Enforces concurrency and rate across all workers, with state in Redis and by Redis'
 * clock. A refusal lowers a limit, and time without refusals raises the limit again. The gate also follows the rate in
 * the provider's headers.
 */
export class Gate {
  readonly #redis: RedisConnection;
  readonly #bundles: ScriptBundles;
  readonly #keys: ReturnType<typeof laneKeys>;
  readonly #limits: Required<Omit<GateLimits, "ratePerMinute">> & { readonly ratePerMinute: number };
  #told = { limit: -1, at: -Infinity, pacedAt: -Infinity };

  constructor(redis: RedisConnection, namespace: string, lane: string, limits: GateLimits) {
    this.#redis = redis;
    this.#bundles = new ScriptBundles(redis);
    this.#keys = laneKeys(namespace, lane);
    this.#limits = {
      ratePerMinute: 0,
      leaseMs: LEASE_MS,
      widenEveryMs: WIDEN_EVERY_MS,
      settleMs: SETTLE_MS,
      longestHoldMs: LONGEST_HOLD_MS,
      ...limits,
    };
  }

  /** Requests entry for a call. */
  async enter(leaseId: string): Promise<GateAnswer> {
    const { concurrency, ratePerMinute, leaseMs, widenEveryMs } = this.#limits;
    const { hold, slots, clock, blocked, limits } = this.#keys;
    const args = [leaseId, concurrency, leaseMs, ratePerMinute, BURST_MS, widenEveryMs];
    const reply = await this.#together(scripts.enter, [hold, slots, clock, blocked, limits], args);
    const [waitMs, probing, enteredAt, interval = "0"] = reply as [number, number, number, string?];
    if (waitMs < 0) return { kind: "blocked" };
    if (waitMs > 0) return { kind: "wait", waitMs };
    return { kind: "entered", probing: probing === 1, enteredAt, intervalMs: Number(interval) };
  }

  /** Returns an unused pass of {@link enter} when no call was made. */
  async giveBack(leaseId: string, intervalMs: number): Promise<void> {
    const { slots, clock, blocked } = this.#keys;
    await scripts.giveBack.run(this.#redis, [slots, clock, blocked], [leaseId, intervalMs]);
  }

  /**
   * Ends the hold at an operator's request.
   *
   * @returns true when there was a hold
   */
  async lift(): Promise<boolean> {
    return (await scripts.lift.run(this.#redis, [this.#keys.hold, this.#keys.limits], [])) === 1;
  }

  /** Renews the leases of running calls. */
  async renew(leaseIds: readonly string[]): Promise<void> {
    if (leaseIds.length > 0)
      await scripts.renew.run(this.#redis, [this.#keys.slots], [this.#limits.leaseMs, ...leaseIds]);
  }

  /**
   * Leaves the gate after a call.
   *
   * @param answered true if the provider works: it returned a picture, or its own reason for returning none
   * @returns true when this call ends the outage for which the lane is blocked
   */
  async leave(leaseId: string, answered = false): Promise<boolean> {
    const { slots, failures, blocked } = this.#keys;
    return (await this.#together(scripts.leave, [slots, failures, blocked], [leaseId, answered ? 1 : 0])) === 1;
  }

  /** Holds all calls of this account for `waitMs`. */
  async hold(waitMs: number, why = ""): Promise<void> {
    await scripts.hold.run(
      this.#redis,
      [this.#keys.hold, this.#keys.limits],
      [this.#bounded(waitMs), why, Math.ceil(waitMs)],
    );
  }

  /**
   * Learns from a throttled call. After a rate refusal, all calls are held for the time that the provider requested.
   * After a concurrency refusal, the limit is lowered, because the refusal clears as calls end.
   */
  async throttled(leaseId: string, { cause, waitMs, enteredAt, message }: Throttled): Promise<Lesson> {
    const { concurrency, ratePerMinute, widenEveryMs, settleMs } = this.#limits;
    const { hold, slots, limits } = this.#keys;
    const wait = this.#bounded(waitMs);
    const asked = Math.max(wait, Math.ceil(waitMs));
    const args = [leaseId, cause, wait, enteredAt, concurrency, ratePerMinute, widenEveryMs, message, settleMs, asked];
    const reply = (await scripts.throttle.run(this.#redis, [hold, slots, limits], args)) as [number, number, number];
    return { narrowed: reply[0] === 1, concurrency: reply[1], at: reply[2] };
  }

  /** Applies the rate in the provider's headers. Writes to Redis only when the rate is new. */
  async followRate({ limit, remaining, resetMs: toldMs }: StatedRate, nowMs = performance.now()): Promise<void> {
    const resetMs = toldMs === undefined ? undefined : Math.min(toldMs, this.#limits.longestHoldMs);
    const { ratePerMinute } = this.#limits;
    const rates = [ratePerMinute, limit ?? 0].filter((rate) => rate > 0);
    const intervalMs = rates.length === 0 ? 0 : 60_000 / Math.min(...rates);
    const paceMs = remaining === undefined || resetMs === undefined ? 0 : resetMs / Math.max(1, remaining);
    const usedUp = remaining === 0 && resetMs !== undefined && resetMs > 0;
    const slower = paceMs > intervalMs * SLOWER && nowMs - this.#told.pacedAt >= TELL_PACE_AGAIN_MS;
    const news = limit !== undefined && (limit !== this.#told.limit || nowMs - this.#told.at >= TELL_AGAIN_MS);
    if (!usedUp && !slower && !news) return;
    this.#told = {
      limit: limit ?? this.#told.limit,
      at: news ? nowMs : this.#told.at,
      pacedAt: slower ? nowMs : this.#told.pacedAt,
    };
    const why = `the provider allows ${limit ?? "a limited number of"} calls a minute, and they are used up`;
    const args = [limit ?? "", remaining ?? "", resetMs === undefined ? "" : Math.ceil(resetMs), why];
    await scripts.told.run(this.#redis, [this.#keys.hold, this.#keys.limits], args);
  }

  /**
   * Counts a failure towards an outage.
   *
   * @param windowMs older failures do not count
   * @returns consecutive failures across all workers; "outage" when the lane is already blocked for one
   */
  async failed(leaseId: string, enteredAt: number, windowMs: number): Promise<number | "outage"> {
    const { failures, blocked, limits } = this.#keys;
    const args = [leaseId, Math.ceil(windowMs), enteredAt];
    const count = (await scripts.fail.run(this.#redis, [failures, blocked, limits], args)) as number;
    return count < 0 ? "outage" : count;
  }

  /** Runs a script for all calls of this tick. */
  #together(script: BundledScript, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    return this.#bundles.run(script, "", () => keys, args);
  }

  #bounded(waitMs: number): number {
    return Math.min(this.#limits.longestHoldMs, Math.max(1, Math.ceil(waitMs)));
  }

  /** Returns the current limits. */
  async state(): Promise<GateState> {
    const { concurrency, ratePerMinute, widenEveryMs } = this.#limits;
    const { hold, slots, limits } = this.#keys;
    const reply = await scripts.look.run(
      this.#redis,
      [hold, slots, limits],
      [concurrency, ratePerMinute, widenEveryMs],
    );
    const [width, rateText, running, heldUntil, heldFor, narrowedAt, narrowedFor, at, askedUntil] = reply as [
      number,
      string,
      number,
      number,
      string,
      number,
      string,
      number,
      number,
    ];
    const rate = rateText === "" ? undefined : Number(rateText);
    const narrowed = width < concurrency || (ratePerMinute > 0 && rate !== undefined && rate < ratePerMinute);
    return {
      at,
      concurrency: width,
      ratePerMinute: rate,
      running,
      heldUntil: heldUntil === 0 ? undefined : heldUntil,
      askedUntil: askedUntil === 0 ? undefined : askedUntil,
      heldFor: heldUntil === 0 || heldFor === "" ? undefined : heldFor,
      narrowedAt: narrowed && narrowedAt > 0 ? narrowedAt : undefined,
      narrowedFor: narrowed && narrowedFor !== "" ? narrowedFor : undefined,
    };
  }
}
