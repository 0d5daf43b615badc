export interface Plan {
  /** Per minute of provider time. Defaults to no limit. */
  readonly requestsPerMinute?: number;
  /** Concurrent requests, including those whose client has disconnected. Defaults to no limit. */
  readonly concurrent?: number;
}

export interface Admission {
  readonly admitted: boolean;
  readonly message: string;
  /** Seconds for `Retry-After`; absent if only the end of another request clears the limit. */
  readonly retryAfterS?: number;
  /** `X-RateLimit-…`; empty without a rate limit. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The limits of the account's plan: requests in a fixed window of a minute, and concurrent requests (contract A.5). */
export class PlanLimits {
  readonly #plan: Plan;
  readonly #windowMs: number;
  #windowEndsAt = 0;
  #used = 0;
  #running = 0;
  #maxRunning = 0;

  /** @param minuteMs real duration of a minute of provider time */
  constructor(plan: Plan, minuteMs: number) {
    this.#plan = plan;
    this.#windowMs = minuteMs;
  }

  get running(): number {
    return this.#running;
  }

  get maxRunning(): number {
    return this.#maxRunning;
  }

  admit(): Admission {
    const { requestsPerMinute: limit, concurrent } = this.#plan;
    const now = Date.now();
    if (now >= this.#windowEndsAt) {
      this.#windowEndsAt = now + this.#windowMs;
      this.#used = 0;
    }
    const overRate = limit !== undefined && this.#used >= limit;
    const overConcurrency = concurrent !== undefined && this.#running >= concurrent;
    if (!overRate && !overConcurrency) this.#used += 1;
    const headers =
      limit === undefined
        ? {}
        : {
            "X-RateLimit-Limit": String(limit),
            "X-RateLimit-Remaining": String(Math.max(0, limit - this.#used)),
            "X-RateLimit-Reset": String(Math.ceil(this.#windowEndsAt / 1_000)),
          };
    if (overRate) {
      const retryAfterS = Math.max(1, Math.ceil((this.#windowEndsAt - now) / 1_000));
      return { admitted: false, message: "Rate limit exceeded", retryAfterS, headers };
    }
    if (overConcurrency) return { admitted: false, message: "Too many concurrent requests", headers };
    return { admitted: true, message: "", headers };
  }

  /** Counts a request as running until the returned function is called. */
  begin(): () => void {
    this.#running += 1;
    this.#maxRunning = Math.max(this.#maxRunning, this.#running);
    return () => {
      this.#running -= 1;
    };
  }
}
