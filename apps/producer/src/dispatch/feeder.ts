import { isHeldBack, isOpen, type RunWindow } from "@darkroom/core";
import type { DispatchCounts, Ledger } from "@darkroom/ledger";
import type { Lane } from "@darkroom/lanes";

/** A batch up to this size is interactive: somebody waits for it. */
const INTERACTIVE_ROWS = 100;
/** Work kept ready in a lane beyond its running portraits, never more of it than runs: as time at its present rate… */
const AHEAD_SECONDS = 1;
/** … but, for portraits that end in waves, up to a share of its concurrency where that is not more time than this. */
const AHEAD_SHARE = 0.25;
const MOST_AHEAD_SECONDS = 5;
const LEAST_AHEAD = 2;
/** Never more jobs than this from one call: a pipeline of more blocks Redis noticeably. */
const MOST_AT_ONCE = 1_000;
/** Portraits that wait for a retry keep a job each; more of them than this hold dispatch back. */
const RETRYING_PER_SLOT = 20;
const LEAST_RETRYING = 1_000;
/** The rate is looked at this often. */
const MEASURE_SECONDS = 0.25;
/** How much of a measured rate is new. */
const NEW_SHARE = 0.3;

/** A batch as dispatch sees it. */
export interface DispatchBatch extends DispatchCounts {
  readonly id: string;
  readonly window: RunWindow | undefined;
  /** When it was submitted, or opened again last (epoch ms). */
  readonly cameAt: number;
  /** Its destination takes no writes. */
  readonly blocked: boolean;
}

/** What the feeder works with; a part of the producer's context. */
export interface FeederContext {
  readonly ledger: Pick<Ledger, "peekPending" | "markQueued">;
  readonly lane: (name: string) => Pick<Lane, "add">;
  /** Calls at once of a lane, as configured. */
  readonly laneConcurrency: (name: string) => number;
  /** Epoch ms, for run windows. */
  readonly wallClock: () => number;
}

/** What the feeder remembers of a lane: its rate, and whose turn it is. */
interface LaneMemory {
  settled: number;
  atMs: number;
  perSecond: number;
  next: number;
}

/**
 * Keeps a window of portraits in each lane: enough that no worker ever waits for one, never more than a few seconds'
 * work. Interactive batches come first, in the order in which they came; the others take turns. The only one who adds
 * portrait jobs.
 */
export class Feeder {
  readonly #context: FeederContext;
  readonly #lanes = new Map<string, LaneMemory>();

  constructor(context: FeederContext) {
    this.#context = context;
  }

  /**
   * Fills one lane's window from its batches.
   *
   * @param nowMs a monotonic clock
   * @returns how many portraits were added, how many are in the lane now, and whether a batch's cursor has only moved on
   *   over portraits that have ended: then it is worth feeding again at once
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
    // Somebody waits for each of these: together they may fill the lane, however full of bulk work it is. First come, first
    // served, so that none of them has more jobs than the lane does next.
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
    const window = wanted <= 0 ? undefined : await ledger.peekPending(batch.id, wanted, laneName);
    if (window === undefined) return { count: 0, sought: false };
    // Jobs first, marks second: a crash in between adds the same jobs again, which changes nothing.
    await this.#context.lane(laneName).add(batch.id, window.epoch, window.indexes, first);
    await ledger.markQueued(batch.id, window);
    const count = window.indexes.length;
    return { count, sought: count < wanted && window.cursor > window.from && window.cursor < batch.total };
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

/** Portraits kept ready beyond a lane's free slots. */
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
