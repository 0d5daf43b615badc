import { isHeldBack, isOpen, type RunWindow } from "@darkroom/core";
import type { Backlog, DispatchCounts } from "@darkroom/ledger";
import type { Lane } from "@darkroom/lanes";

/** A batch up to this size is interactive, because a user waits for its results. */
const INTERACTIVE_ROWS = 100;
/**
 * Prefetch beyond the running portraits, as seconds of work at the lane's measured rate. Capped at the lane's
 * concurrency.
 */
const AHEAD_SECONDS = 1;
/**
 * For portraits that end in waves: prefetch this share of the concurrency, or `MOST_AHEAD_SECONDS` of work if that is
 * less.
 */
const AHEAD_SHARE = 0.25;
const MOST_AHEAD_SECONDS = 5;
const LEAST_AHEAD = 2;
/** Jobs per call. A larger pipeline blocks Redis noticeably. */
const MOST_AT_ONCE = 1_000;
/** Each portrait that waits for a retry occupies a job. Dispatch stops above this many per slot. */
const RETRYING_PER_SLOT = 20;
const LEAST_RETRYING = 1_000;
/** Minimum time between two measurements of a lane's rate. */
const MEASURE_SECONDS = 0.25;
/** Weight of a new sample in the smoothed rate. */
const NEW_SHARE = 0.3;

/** The batch fields that dispatch needs. */
export interface DispatchBatch extends DispatchCounts {
  readonly id: string;
  readonly window: RunWindow | undefined;
  /** When the batch was submitted or last reopened (epoch ms). */
  readonly cameAt: number;
  /** True while the destination refuses writes. */
  readonly blocked: boolean;
}

/** The part of the producer's context that the feeder needs. */
export interface FeederContext {
  readonly ledger: { readonly backlog: Pick<Backlog, "peekPending" | "markQueued"> };
  readonly lane: (name: string) => Pick<Lane, "add">;
  /** Configured number of concurrent calls of a lane. */
  readonly laneConcurrency: (name: string) => number;
  /** Epoch ms, for run windows. */
  readonly wallClock: () => number;
}

/** A lane's measured rate, and the next batch in the round robin. */
interface LaneMemory {
  settled: number;
  atMs: number;
  perSecond: number;
  next: number;
}

/**
 * The only component that adds portrait jobs to lanes. Prefetches enough that no worker runs idle, at most a few
 * seconds of work. Interactive batches come first, in order of arrival. Bulk batches share the rest by round robin.
 */
export class Feeder {
  readonly #context: FeederContext;
  readonly #lanes = new Map<string, LaneMemory>();

  constructor(context: FeederContext) {
    this.#context = context;
  }

  /**
   * Tops up one lane from its batches.
   *
   * @param nowMs a monotonic clock
   * @returns the portraits added, the portraits now in flight, and `seeking`, which is true when a batch's cursor
   *   passed only ended portraits and the caller should feed the lane again at once
   */
  async feed(
    laneName: string,
    batches: readonly DispatchBatch[],
    nowMs: number,
  ): Promise<{ readonly added: number; readonly inFlight: number; readonly seeking: boolean }> {
    const laneConcurrency = this.#context.laneConcurrency(laneName);
    const memory = this.#measure(laneName, batches, nowMs);
    const inFlight = batches.reduce((sum, batch) => sum + inFlightOf(batch), 0);
    const most = laneConcurrency + aheadOf(laneConcurrency, memory.perSecond);
    let room = Math.max(0, most - inFlight);
    const waiting = batches.filter((batch) => this.#mayGo(batch, laneConcurrency));
    const interactive = waiting.filter(isInteractive).sort((a, b) => a.cameAt - b.cameAt);
    const bulk = waiting.filter((batch) => !isInteractive(batch));
    let added = 0;
    let seeking = false;
    // Interactive batches may fill the whole lane, regardless of bulk work in flight. They are served in order of
    // arrival, so that no batch gets more jobs than the lane can start next.
    const interactiveInFlight = batches.filter(isInteractive).reduce((sum, batch) => sum + inFlightOf(batch), 0);
    let interactiveRoom = Math.max(0, most - interactiveInFlight);
    for (const batch of interactive) {
      const { count, sought } = await this.#add(laneName, batch, interactiveRoom, true);
      seeking ||= sought;
      interactiveRoom -= count;
      room = Math.max(0, room - count);
      added += count;
    }
    for (let left = bulk.length; left > 0 && room > 0; left -= 1) {
      const batch = bulk[memory.next % bulk.length];
      memory.next += 1;
      if (batch === undefined) break;
      const { count, sought } = await this.#add(laneName, batch, Math.ceil(room / left), false);
      seeking ||= sought;
      room -= count;
      added += count;
    }
    return { added, inFlight: inFlight + added, seeking };
  }

  #mayGo({ state, held, blocked, pending, retrying, window, stuck }: DispatchBatch, laneConcurrency: number): boolean {
    const mostRetrying = Math.max(LEAST_RETRYING, RETRYING_PER_SLOT * laneConcurrency);
    return (
      (state === "running" || state === "ingesting") &&
      !held &&
      !blocked &&
      !isHeldBack({ stuck, concurrency: laneConcurrency }) &&
      pending > 0 &&
      retrying < mostRetrying &&
      (window === undefined || isOpen(window, this.#context.wallClock()))
    );
  }

  async #add(
    laneName: string,
    batch: DispatchBatch,
    share: number,
    first: boolean,
  ): Promise<{ readonly count: number; readonly sought: boolean }> {
    const wanted = Math.min(share, batch.pending, MOST_AT_ONCE);
    const { ledger } = this.#context;
    const prefetch = wanted <= 0 ? undefined : await ledger.backlog.peekPending(batch.id, wanted, laneName);
    if (prefetch === undefined) return { count: 0, sought: false };
    // Adds jobs before it marks portraits: after a crash between the two steps, adding the same jobs again is
    // idempotent.
    await this.#context.lane(laneName).add(batch.id, prefetch.epoch, prefetch.indexes, first);
    await ledger.backlog.markQueued(batch.id, prefetch);
    const count = prefetch.indexes.length;
    return { count, sought: count < wanted && prefetch.cursor > prefetch.from && prefetch.cursor < batch.total };
  }

  #measure(laneName: string, batches: readonly DispatchBatch[], nowMs: number): LaneMemory {
    const settled = batches.reduce(
      (sum, { total, pending, queued, running, retrying }) => sum + total - pending - queued - running - retrying,
      0,
    );
    const memory = this.#lanes.get(laneName) ?? { settled, atMs: nowMs, perSecond: 0, next: 0 };
    this.#lanes.set(laneName, memory);
    const seconds = (nowMs - memory.atMs) / 1_000;
    if (seconds >= MEASURE_SECONDS) {
      const rate = Math.max(0, settled - memory.settled) / seconds;
      memory.perSecond = rate > memory.perSecond ? rate : memory.perSecond * (1 - NEW_SHARE) + rate * NEW_SHARE;
      memory.settled = settled;
      memory.atMs = nowMs;
    }
    return memory;
  }
}

/** Portraits to prefetch beyond the lane's concurrency. */
export function aheadOf(concurrency: number, perSecond: number): number {
  const forWaves = Math.min(concurrency * AHEAD_SHARE, perSecond * MOST_AHEAD_SECONDS);
  return Math.ceil(Math.max(LEAST_AHEAD, Math.min(concurrency, perSecond * AHEAD_SECONDS), forWaves));
}

function inFlightOf({ queued, running }: DispatchBatch): number {
  return queued + running;
}

function isInteractive({ ingested, total }: DispatchBatch): boolean {
  return ingested && total <= INTERACTIVE_ROWS;
}
