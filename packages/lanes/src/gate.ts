import type { RedisConnection } from "@darkroom/redis-kit";
import { LEASE_MS, LONGEST_HOLD_MS, SETTLE_MS, WIDEN_EVERY_MS, type GateLimits } from "./gate-limits.ts";
import * as scripts from "./gate-scripts.ts";
import { laneKeys } from "./lane-keys.ts";

export type { GateLimits } from "./gate-limits.ts";

/** What the gate says to a call that asks. */
export type GateAnswer =
  /** It may go, and {@link Gate.leave} must follow. */
  | {
      readonly kind: "entered";
      /** It is a blocked lane's probe. */
      readonly probing: boolean;
      /** Redis' time, epoch ms. */
      readonly enteredAt: number;
      /** By how much it put off the next call of a lane with a rate, in ms. */
      readonly intervalMs: number;
    }
  | { readonly kind: "wait"; readonly waitMs: number }
  /** The lane is blocked, and this call is not its probe. */
  | { readonly kind: "blocked" };

/** A call that the provider refused for its limits. */
export interface Throttled {
  readonly cause: "rate" | "concurrency";
  /** As the provider said, or a guess. */
  readonly waitMs: number;
  /** Of {@link GateAnswer}. */
  readonly enteredAt: number;
  /** A person's sentence. */
  readonly message: string;
}

/** What a provider says of its rate (`X-RateLimit-*`). */
export interface ToldRate {
  /** Calls a minute. */
  readonly limit: number | undefined;
  readonly remaining: number | undefined;
  /** Until the count begins anew. */
  readonly resetMs: number | undefined;
}

/** What came of a refusal. */
export interface Lesson {
  /** A limit was narrowed by it. */
  readonly narrowed: boolean;
  /** Calls at once from now on. */
  readonly concurrency: number;
  /** Redis' time, epoch ms. */
  readonly at: number;
}

/** How the limits of an account stand. */
export interface GateState {
  /** Redis' time, epoch ms. */
  readonly at: number;
  /** Calls at once at present. */
  readonly concurrency: number;
  /** Calls a minute at present; undefined for no limit. */
  readonly ratePerMinute: number | undefined;
  /** Calls that run. */
  readonly running: number;
  /** Epoch ms; undefined when calls may begin. */
  readonly heldUntil: number | undefined;
  readonly heldFor: string | undefined;
  /** Until when the provider asked to wait (epoch ms), while calls are held; may be later than `heldUntil`. */
  readonly askedUntil: number | undefined;
  /** When a limit was narrowed last (epoch ms), while it is still below what is configured. */
  readonly narrowedAt: number | undefined;
  readonly narrowedFor: string | undefined;
}

/** A second's worth of calls may come at once. */
const BURST_MS = 1_000;
/** What a process has told of a rate that is not used up it does not tell again sooner than this. */
const TELL_AGAIN_MS = 60_000;
const TELL_PACE_AGAIN_MS = 1_000;
/** A pace that is hardly slower than the rate itself is not worth telling. */
const SLOWER = 1.1;

/**
 * The gate before a provider account: never more calls at once, or a minute, than the account allows. What the account
 * allows is configured, and learned: a refusal narrows, quiet time widens again, and what the provider says of its own
 * rate is kept to. All workers share one state, in Redis and by its clock.
 */
export class Gate {
  readonly #redis: RedisConnection;
  readonly #keys: ReturnType<typeof laneKeys>;
  readonly #limits: Required<Omit<GateLimits, "ratePerMinute">> & { readonly ratePerMinute: number };
  #told = { limit: -1, at: -Infinity, pacedAt: -Infinity };

  constructor(redis: RedisConnection, namespace: string, lane: string, limits: GateLimits) {
    this.#redis = redis;
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

  /** Asks for a call. */
  async enter(leaseId: string): Promise<GateAnswer> {
    const { concurrency, ratePerMinute, leaseMs, widenEveryMs } = this.#limits;
    const { hold, slots, clock, blocked, limits } = this.#keys;
    const args = [leaseId, concurrency, leaseMs, ratePerMinute, BURST_MS, widenEveryMs];
    const reply = await scripts.enter.run(this.#redis, [hold, slots, clock, blocked, limits], args);
    const [waitMs, probing, enteredAt, interval = "0"] = reply as [number, number, number, string?];
    if (waitMs < 0) return { kind: "blocked" };
    if (waitMs > 0) return { kind: "wait", waitMs };
    return { kind: "entered", probing: probing === 1, enteredAt, intervalMs: Number(interval) };
  }

  /** Takes back what {@link enter} gave: no call was made, and none will be. */
  async giveBack(leaseId: string, intervalMs: number): Promise<void> {
    const { slots, clock, blocked } = this.#keys;
    await scripts.giveBack.run(this.#redis, [slots, clock, blocked], [leaseId, intervalMs]);
  }

  /** A person ends what the provider has asked for: calls may begin at once. @returns whether there was a hold */
  async lift(): Promise<boolean> {
    return (await scripts.lift.run(this.#redis, [this.#keys.hold, this.#keys.limits], [])) === 1;
  }

  /** Keeps the leases of calls that still run. */
  async renew(leaseIds: readonly string[]): Promise<void> {
    if (leaseIds.length > 0)
      await scripts.renew.run(this.#redis, [this.#keys.slots], [this.#limits.leaseMs, ...leaseIds]);
  }

  /**
   * A call is over.
   *
   * @param answered the provider works: it gave a picture, or a reason of its own for none
   * @returns true when the lane is blocked for an outage that is over with that
   */
  async leave(leaseId: string, answered = false): Promise<boolean> {
    const { slots, failures, blocked } = this.#keys;
    return (await scripts.leave.run(this.#redis, [slots, failures, blocked], [leaseId, answered ? 1 : 0])) === 1;
  }

  /** No call of this account before `waitMs` have gone by. */
  async hold(waitMs: number, why = ""): Promise<void> {
    await scripts.hold.run(
      this.#redis,
      [this.#keys.hold, this.#keys.limits],
      [this.#bounded(waitMs), why, Math.ceil(waitMs)],
    );
  }

  /**
   * Learns from a refusal. One for the rate holds every call for as long as the provider says; one for too many calls at
   * once clears as calls end, and narrows.
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

  /** Keeps to what the provider says of its rate; asks Redis only when that is something new. */
  async told({ limit, remaining, resetMs: toldMs }: ToldRate, nowMs = performance.now()): Promise<void> {
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
    const why = `the provider allows ${limit ?? "so many"} calls a minute, and they are used up`;
    const args = [limit ?? "", remaining ?? "", resetMs === undefined ? "" : Math.ceil(resetMs), why];
    await scripts.told.run(this.#redis, [this.#keys.hold, this.#keys.limits], args);
  }

  /**
   * A call failed as all do in an outage.
   *
   * @param windowMs failures before this are no longer in the row
   * @returns how many failed in a row, over all workers; "outage" when the lane is blocked for one already
   */
  async failed(leaseId: string, enteredAt: number, windowMs: number): Promise<number | "outage"> {
    const { failures, blocked, limits } = this.#keys;
    const args = [leaseId, Math.ceil(windowMs), enteredAt];
    const count = (await scripts.fail.run(this.#redis, [failures, blocked, limits], args)) as number;
    return count < 0 ? "outage" : count;
  }

  #bounded(waitMs: number): number {
    return Math.min(this.#limits.longestHoldMs, Math.max(1, Math.ceil(waitMs)));
  }

  /** How the limits stand. */
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
