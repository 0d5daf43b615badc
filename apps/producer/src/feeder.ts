import { settledCount } from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import type { ProducerContext } from "./context.ts";

/** A batch up to this size is interactive: somebody waits for it. */
export const INTERACTIVE_ROWS = 100;
/** Work kept ready in a lane beyond its running portraits, as time at its present rate. */
const AHEAD_SECONDS = 0.5;
/** And as a share of its concurrency. */
const AHEAD_SHARE = 0.25;
/** Never more jobs than this from one call: a pipeline of more blocks Redis noticeably. */
const MOST_AT_ONCE = 1_000;
/** Portraits that wait for a retry keep a job each; more of them than this hold dispatch back. */
const RETRYING_PER_SLOT = 20;

interface Turn {
  settled: number;
  atMs: number;
  perSecond: number;
  next: number;
}

/**
 * Keeps a window of portraits in each lane: enough that no worker ever waits for one, never more than about a second's
 * work. Interactive batches come first; within a class the batches take turns. The only one who adds portrait jobs.
 */
export class Feeder {
  readonly #context: ProducerContext;
  readonly #turns = new Map<string, Turn>();

  constructor(context: ProducerContext) {
    this.#context = context;
  }

  /** Fills one lane's window from its batches. @returns how many portraits were added */
  async feed(laneName: string, batches: readonly BatchRecord[], nowMs: number): Promise<number> {
    const { laneConcurrency, metrics } = this.#context;
    const turn = this.#measure(laneName, batches, nowMs);
    const inFlight = batches.reduce((sum, { counts }) => sum + counts.queued + counts.running, 0);
    const ahead = Math.ceil(Math.max(2, laneConcurrency * AHEAD_SHARE, turn.perSecond * AHEAD_SECONDS));
    let room = Math.max(0, laneConcurrency + ahead - inFlight);
    const mostRetrying = Math.max(1_000, RETRYING_PER_SLOT * laneConcurrency);
    const waiting = batches
      .filter(({ state, counts }) => (state === "running" || state === "ingesting") && counts.pending > 0)
      .filter(({ counts }) => counts.retrying < mostRetrying);
    const interactive = waiting.filter(isInteractive);
    const bulk = waiting.filter((batch) => !isInteractive(batch));
    let added = 0;
    for (const batch of interactive) {
      // Somebody waits: its share does not depend on how full of bulk work the lane is.
      const own = batch.counts.queued + batch.counts.running;
      const share = Math.max(room, laneConcurrency - own);
      const count = await this.#add(laneName, batch, Math.min(share, batch.counts.pending), true);
      room = Math.max(0, room - count);
      added += count;
    }
    for (let left = bulk.length; left > 0 && room > 0; left -= 1) {
      const batch = bulk[turn.next % bulk.length];
      turn.next += 1;
      if (batch === undefined) break;
      const count = await this.#add(laneName, batch, Math.min(Math.ceil(room / left), batch.counts.pending), false);
      room -= count;
      added += count;
    }
    metrics.dispatchQueued.set({ lane: laneName }, inFlight + added);
    return added;
  }

  async #add(laneName: string, batch: BatchRecord, wanted: number, first: boolean): Promise<number> {
    if (wanted <= 0) return 0;
    const { ledger } = this.#context;
    const window = await ledger.peekPending(batch.spec.id, Math.min(wanted, MOST_AT_ONCE));
    if (window === undefined) return 0;
    // Jobs first, marks second: a crash in between adds the same jobs again, which changes nothing.
    await this.#context.lane(laneName).add(batch.spec.id, window.epoch, window.indexes, first);
    await ledger.markQueued(batch.spec.id, window);
    return window.indexes.length;
  }

  #measure(laneName: string, batches: readonly BatchRecord[], nowMs: number): Turn {
    const settled = batches.reduce((sum, { counts }) => sum + settledCount(counts), 0);
    const turn = this.#turns.get(laneName) ?? { settled, atMs: nowMs, perSecond: 0, next: 0 };
    this.#turns.set(laneName, turn);
    const seconds = (nowMs - turn.atMs) / 1_000;
    if (seconds >= 0.25) {
      const rate = Math.max(0, settled - turn.settled) / seconds;
      turn.perSecond = rate > turn.perSecond ? rate : turn.perSecond * 0.7 + rate * 0.3;
      turn.settled = settled;
      turn.atMs = nowMs;
    }
    return turn;
  }
}

function isInteractive({ ingested, counts }: BatchRecord): boolean {
  return ingested && counts.total <= INTERACTIVE_ROWS;
}
