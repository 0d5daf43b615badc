import { SETTINGS } from "@darkroom/config";
import { STALLED_CHECKS_PER_LOCK } from "@darkroom/lanes";
import { BEAT_MS, BEATS_A_LOOK, MANY_BEATING } from "@darkroom/ledger";
import type { RedisKind, Scenario } from "./scenario.ts";
import type { SingleServer } from "./single-server.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** The default lock of the queue. */
const LOCK_MS = Number(SETTINGS.DARKROOM_LOCK_MS.default);

export interface UpkeepParts {
  readonly clock: VirtualClock;
  readonly redis: SingleServer<RedisKind>;
  readonly scenario: Scenario;
  readonly random: () => number;
}

/** Commands of a worker that do not depend on portraits: heartbeats, gate leases, queue locks, reads of its batches. */
export class Upkeep {
  readonly #parts: UpkeepParts;
  readonly #running: () => number;
  /** All processes with heartbeats: the workers and one producer. */
  readonly #known: number;
  readonly #beatsPerLook: number;
  #beats: number;
  #beating = false;

  /** @param running returns the number of portraits that the worker runs */
  constructor(parts: UpkeepParts, running: () => number) {
    this.#parts = parts;
    this.#running = running;
    const { scenario, random } = parts;
    this.#known = scenario.workers + 1;
    this.#beatsPerLook = scenario.beatsPerLook ?? (this.#known > MANY_BEATING ? BEATS_A_LOOK : 1);
    this.#beats = Math.floor(this.#beatsPerLook * random());
  }

  start(): void {
    const { redis, scenario } = this.#parts;
    this.#every(BEAT_MS, () => {
      this.#beat();
      this.#keepUp();
    });
    this.#every(LOCK_MS / 4, () => this.#keepLocks());
    this.#every(LOCK_MS / STALLED_CHECKS_PER_LOCK, () => {
      redis.ask("lock renewals", scenario.costs.us.exists.base);
    });
  }

  /** `WorkerHeartbeats.look`: the worker's own beat, and sometimes a read of all beats. Never two at the same time. */
  #beat(): void {
    const { redis, scenario } = this.#parts;
    const { beat, look } = scenario.costs.us;
    if (this.#beating) return;
    this.#beating = true;
    this.#beats += 1;
    const answered = (): void => void (this.#beating = false);
    if (this.#beats % this.#beatsPerLook !== 0) return redis.ask("heartbeats", beat.base, undefined, answered);
    redis.ask("heartbeats", beat.base, undefined, () => {
      redis.ask("heartbeats", look.base + look.each * this.#known, undefined, answered);
    });
  }

  /** `keepUp` of apps/worker/src/start-worker.ts. */
  #keepUp(): void {
    const { redis, scenario } = this.#parts;
    const { us } = scenario.costs;
    const running = this.#running();
    if (running > 0) redis.ask("gate renewals", us.gateRenew.base + us.gateRenew.each * running);
    redis.ask("gate renewals", us.readBlocked.base);
    const batches = Math.min(running, scenario.batches);
    redis.ask("looks at batches", us.readBatch.base * batches, undefined, undefined, batches);
  }

  /** BullMQ renews all locks that were not just acquired at half of its renewal time (a quarter of the lock). */
  #keepLocks(): void {
    const { redis, scenario } = this.#parts;
    const { extendLocks } = scenario.costs.us;
    const kept = this.#running() * Math.min(1, (2 * scenario.providerMs) / LOCK_MS);
    if (kept >= 1) redis.ask("lock renewals", extendLocks.base + extendLocks.each * kept);
  }

  /** Workers start at different times. */
  #every(ms: number, work: () => void): void {
    const { clock, random } = this.#parts;
    const again = (): void => {
      work();
      clock.at(clock.nowMs + ms, again);
    };
    clock.at(clock.nowMs + ms * random(), again);
  }
}
