import { Feeder } from "@darkroom/producer/feeder";
import * as intervals from "@darkroom/producer/intervals";
import type { BatchModel } from "./batch-model.ts";
import type { LaneModel } from "./lane-model.ts";
import type { RedisKind, Scenario } from "./scenario.ts";
import { SingleServer } from "./single-server.ts";
import type { VirtualClock } from "./virtual-clock.ts";

const LANE = "lane";

export interface ProducerParts {
  readonly clock: VirtualClock;
  readonly redis: SingleServer<RedisKind>;
  readonly lane: LaneModel;
  readonly scenario: Scenario;
  readonly laneConcurrency: number;
  /** Called when jobs were added, so that waiting workers are woken. */
  readonly onJobs: () => void;
}

/** One producer: the real {@link Feeder} in virtual time, with the ticks and nudges of the engine's producer. */
export class ProducerModel {
  readonly batches: BatchModel[] = [];
  readonly feedMs: number[] = [];
  readonly roundMs: number[] = [];
  /** The producer's own process. */
  readonly thread: SingleServer<"own">;
  readonly #parts: ProducerParts;
  readonly #feeder: Feeder;
  readonly #cares = new Map<string, { sampledAt: number; drainedAt: number; sweptAt: number; leasedAt: number }>();
  #wake: (() => void) | undefined;
  #tickAt = -Infinity;
  #hungry = false;
  /** A peek returned less than requested, and the batch continues. */
  #leasedAt = -Infinity;
  #fedAt: number | undefined;

  constructor(parts: ProducerParts) {
    const { clock, redis, lane, scenario } = parts;
    this.#parts = parts;
    this.thread = new SingleServer(clock, 0);
    const { us, producerUs, states } = scenario.costs;
    const readUs = states.emptyPeekUs / states.emptyPeekPortraits;
    const byId = (id: string): BatchModel | undefined => this.batches.find((batch) => batch.id === id);
    this.#feeder = new Feeder({
      laneConcurrency: () => parts.laneConcurrency,
      wallClock: () => clock.nowMs,
      ledger: {
        backlog: {
          peekPending: async (id, limit) => {
            const ahead = byId(id);
            if (ahead === undefined || ahead.pending === 0) return undefined;
            const { cursor, count } = ahead.peek(limit);
            const passed = cursor - ahead.cursor - count;
            const lookUs = us.peek.base + us.peek.each * count + readUs * Math.max(0, passed);
            return await redis.askFor("dispatch", lookUs, () => {
              const indexes = Array.from({ length: Math.min(count, ahead.pending) }, (_, place) => place);
              return { epoch: 0, from: ahead.cursor, cursor, indexes };
            });
          },
          markQueued: async (id, { indexes, cursor }) =>
            await redis.askFor("dispatch", us.mark.base + us.mark.each * indexes.length, () => {
              const batch = byId(id);
              if (batch === undefined) return 0;
              // A worker may have claimed a portrait between its job and its mark. The portrait is then no longer
              // pending.
              const marked = Math.min(indexes.length, batch.pending);
              batch.cursor = cursor;
              batch.pending -= marked;
              batch.queued += marked;
              return marked;
            }),
        },
      },
      lane: () => ({
        add: async (id, _epoch, indexes, first) => {
          await this.#own(producerUs.addJob * indexes.length);
          const added = (): void => {
            const batch = byId(id);
            if (batch === undefined) return;
            for (let job = 0; job < indexes.length; job += 1) lane.push(clock.nowMs, { batch, failures: 0 }, first);
            parts.onJobs();
          };
          const { length } = indexes;
          if (length > 0) await redis.askFor("dispatch", us.add.base + us.add.each * length, added, length);
        },
      }),
    });
  }

  start(): void {
    void this.#loop();
  }

  /** Handles a lane's nudge. */
  nudge(): void {
    if (this.#hungry) return;
    this.#hungry = true;
    this.#wake?.();
  }

  /** Handles the message about a new batch. */
  tell(): void {
    this.#tickAt = -Infinity;
    this.#wake?.();
  }

  async #own(us: number): Promise<void> {
    await this.thread.askFor("own", us, () => undefined);
  }

  /** `runReconcileLoop` of reconcile-loop.ts. */
  async #loop(): Promise<void> {
    const { clock, scenario } = this.#parts;
    const { TICK_MS, TICK_MS_PER_BATCH, FEED_GAP_MS_PER_BATCH } = intervals;
    let feedAt = 0;
    for (;;) {
      const now = clock.nowMs;
      if (now >= this.#tickAt) {
        this.#tickAt = now + Math.max(TICK_MS, TICK_MS_PER_BATCH * this.batches.length);
        this.#hungry = false;
        if (await this.#tick(now)) this.#hungry = true;
        this.roundMs.push(clock.nowMs - now);
      } else if (this.#hungry && now >= feedAt) {
        this.#hungry = false;
        if (await this.#feed(now)) this.#hungry = true;
        feedAt = clock.nowMs + (scenario.feedGapMsPerBatch ?? FEED_GAP_MS_PER_BATCH) * this.batches.length;
      }
      const nextAt = this.#hungry ? Math.min(feedAt, this.#tickAt) : this.#tickAt;
      // A timer of less than a millisecond takes one millisecond.
      if (nextAt > clock.nowMs) await this.#sleepOrWake(Math.max(1, nextAt - clock.nowMs));
    }
  }

  #sleepOrWake(ms: number): Promise<void> {
    const { clock } = this.#parts;
    return new Promise((resolve) => {
      const wake = (): void => {
        if (this.#wake !== wake) return;
        this.#wake = undefined;
        clock.wake(resolve);
      };
      this.#wake = wake;
      clock.at(clock.nowMs + ms, wake);
    });
  }

  /**
   * `Reconciler.tick`: reads every active batch, feeds the lane, runs each batch's duties.
   *
   * @returns true to feed again at once
   */
  async #tick(now: number): Promise<boolean> {
    const { redis, scenario } = this.#parts;
    const { us, producerUs } = scenario.costs;
    for (let place = this.batches.length - 1; place >= 0; place -= 1) {
      if (this.batches[place]?.isThrough === true) this.batches.splice(place, 1);
    }
    const count = this.batches.length;
    await redis.askFor("rounds", us.exists.base, () => undefined);
    await redis.askFor("rounds", us.readBatch.base * count, () => undefined, count);
    await this.#own(producerUs.readBatch * count);
    const again = await this.#feed(now);
    for (const batch of this.batches) void this.#care(batch, now);
    return again;
  }

  /**
   * `LaneFeeding.feed`, with the real feeder.
   *
   * @returns true to feed again at once
   */
  async #feed(now: number): Promise<boolean> {
    const { redis, scenario, laneConcurrency } = this.#parts;
    const { us, producerUs } = scenario.costs;
    if (this.#fedAt !== undefined) this.feedMs.push(now - this.#fedAt);
    this.#fedAt = now;
    if (now - this.#leasedAt > intervals.LEASE_MS / 3) {
      this.#leasedAt = now;
      await redis.askFor("dispatch", us.lease.base, () => undefined);
    }
    await redis.askFor("dispatch", us.readBlocked.base, () => undefined);
    const count = this.batches.length;
    const readAll = () => this.batches.map((batch) => batch.forDispatch());
    const read = await redis.askFor("dispatch", us.readForDispatch.base * count, readAll, count);
    await this.#own(producerUs.readForDispatch * count);
    const fixed = scenario.ahead;
    if (fixed !== undefined) {
      await this.#fillTo(laneConcurrency + fixed);
      return false;
    }
    const { seeking } = await this.#feeder.feed(LANE, read, now);
    return seeking;
  }

  /** Replaces the feeder's own prefetch, to show its effect. Only for a single batch. */
  async #fillTo(wanted: number): Promise<void> {
    const { clock, redis, lane, scenario } = this.#parts;
    const { us, producerUs } = scenario.costs;
    const batch = this.batches[0];
    if (batch === undefined) return;
    const room = Math.min(wanted - batch.queued - batch.running, batch.pending, 1_000);
    if (room <= 0) return;
    await redis.askFor("dispatch", us.peek.base + us.peek.each * room, () => undefined);
    await this.#own(producerUs.addJob * room);
    const added = (): void => {
      for (let job = 0; job < room; job += 1) lane.push(clock.nowMs, { batch, failures: 0 }, false);
      this.#parts.onJobs();
    };
    await redis.askFor("dispatch", us.add.base + us.add.each * room, added, room);
    await redis.askFor("dispatch", us.mark.base + us.mark.each * room, () => {
      batch.pending -= room;
      batch.queued += room;
    });
  }

  /** `Reconciler.#runDuties`: leases, rate samples, report parts, the sweep for orphaned jobs. */
  async #care(batch: BatchModel, now: number): Promise<void> {
    const { redis, scenario } = this.#parts;
    const { us, producerUs } = scenario.costs;
    const care = this.#cares.get(batch.id) ?? {
      sampledAt: -Infinity,
      drainedAt: now,
      sweptAt: now,
      leasedAt: -Infinity,
    };
    this.#cares.set(batch.id, care);
    if (now - care.leasedAt > intervals.LEASE_MS / 3) {
      care.leasedAt = now;
      redis.ask("rounds", us.lease.base);
    }
    if (now - care.sampledAt >= intervals.SAMPLE_MS) {
      care.sampledAt = now;
      redis.ask("rounds", us.exists.base * 2);
    }
    if (now - care.drainedAt >= intervals.DRAIN_MS) {
      care.drainedAt = now;
      const lines = Math.min(intervals.PART_LINES, batch.settled - batch.drained);
      batch.drained += lines;
      redis.ask("rounds", us.exists.base + us.drain.each * lines);
      await this.#own(producerUs.drainLine * lines);
    }
    if (now - care.sweptAt >= intervals.SWEEP_MS) {
      care.sweptAt = now;
      const inFlight = batch.queued + batch.running + batch.retrying;
      for (let start = 0; start < batch.total; start += intervals.SWEEP_CHUNK) {
        await redis.askFor("rounds", us.exists.base * 2, () => undefined);
        await this.#own((producerUs.sweepPerMillion * Math.min(intervals.SWEEP_CHUNK, batch.total - start)) / 1e6);
      }
      redis.ask("rounds", us.existsTogether.base * inFlight);
    }
  }
}
