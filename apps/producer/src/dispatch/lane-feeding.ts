import {
  blockOf,
  isEnded,
  isHeldBack,
  lacking,
  type BatchSpec,
  type RunWindow,
  type WaitReason,
  protocolMs,
} from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import type { ProducerContext } from "../context.ts";
import { showBlocked, showLimits, showWaiting } from "@darkroom/runtime";
import { serverNow } from "@darkroom/redis-kit";
import { Feeder, type DispatchBatch } from "./feeder.ts";

/** Interval between two checks of a lane's own state. */
const CHECK_MS = protocolMs(5_000);

interface KnownBatch {
  readonly spec: BatchSpec;
  readonly lane: string;
  readonly window: RunWindow | undefined;
  readonly cameAt: number;
}

/** Feeds the lanes whose lease this producer holds: on every tick, and at once on a nudge. */
export class LaneFeeding {
  readonly #context: ProducerContext;
  readonly #feeder: Feeder;
  readonly #checkedAt = new Map<string, number>();
  /** Lane → pending portraits of batches that are held back because too many results are unstored. */
  readonly #heldBack = new Map<string, number>();
  #batches: readonly KnownBatch[] = [];

  constructor(context: ProducerContext) {
    this.#context = context;
    this.#feeder = new Feeder({
      ...context,
      laneConcurrency: (name) => context.laneLimits(name).concurrency,
      wallClock: serverNow,
    });
  }

  /** Replaces the known batches (oldest first). Counts are read at each feed. */
  setBatches(batches: readonly BatchRecord[]): void {
    this.#batches = batches
      .filter(({ state, cancelled }) => !isEnded(state) && !cancelled)
      .map(({ spec, lane, createdAt, rounds }) => ({
        spec,
        lane,
        window: spec.control?.window,
        cameAt: rounds.at(-1)?.at ?? createdAt,
      }));
  }

  get lanes(): ReadonlySet<string> {
    return new Set([...this.#batches.map(({ lane }) => lane), ...Object.keys(this.#context.laneProviders)]);
  }

  /**
   * Tops up one lane if this producer holds its lease.
   *
   * @returns true when the caller should feed the lane again at once, because a batch's pending portraits are beyond
   *   the cursor
   */
  async feed(name: string, nowMs: number): Promise<boolean> {
    const { attendance, destinations, ledger, lease, means, metrics } = this.#context;
    // Producers that are restricted to different batches may feed the same lane at the same time.
    const { batches } = means.current;
    const whose = batches === "all" ? "" : `:${batches.join(",")}`;
    if (!(await lease(`feed:${name}${whose}`).hold())) return false;
    await this.#checkLane(name, nowMs);
    const blocked = await destinations.read();
    // If workers are present but none supports a batch, its portraits would only occupy the lane.
    const { present, means: workers } = await attendance.at(`worker:${name}`);
    const canBeDone = ({ spec }: KnownBatch): boolean =>
      present === 0 || workers.some((worker) => lacking(spec, worker, name).length === 0);
    const read = await Promise.all(
      this.#batches
        .filter((batch) => batch.lane === name && canBeDone(batch))
        .map(async ({ spec, window, cameAt }): Promise<DispatchBatch | undefined> => {
          const { id } = spec;
          const counts = await ledger.readForDispatch(id);
          const isBlocked = blockOf(blocked, spec) !== undefined;
          return counts === undefined ? undefined : { ...counts, id, window, cameAt, blocked: isBlocked };
        }),
    );
    const known = read.filter((batch) => batch !== undefined);
    const { concurrency } = this.#context.laneLimits(name);
    const heldBack = known.filter(({ stuck }) => isHeldBack({ stuck, concurrency }));
    this.#heldBack.set(
      name,
      heldBack.reduce((sum, { pending }) => sum + pending, 0),
    );
    const { inFlight, seeking } = await this.#feeder.feed(name, known, nowMs);
    metrics.dispatchQueued.set({ lane: name }, inFlight);
    return seeking;
  }

  async #showWaiting(name: string): Promise<void> {
    const { ledger, metrics } = this.#context;
    const own = this.#batches.filter(({ lane }) => lane === name);
    const counted = (await Promise.all(own.map(({ spec }) => ledger.waits.count(spec.id)))).flat();
    const sums = new Map<WaitReason, number>();
    for (const { reason, count } of counted) sums.set(reason, (sums.get(reason) ?? 0) + count);
    showWaiting(metrics, name, sums.set("unstored_results", this.#heldBack.get(name) ?? 0));
  }

  async #checkLane(name: string, nowMs: number): Promise<void> {
    const { log, metrics } = this.#context;
    const lane = this.#context.lane(name);
    if (nowMs - (this.#checkedAt.get(name) ?? -CHECK_MS) >= CHECK_MS) {
      this.#checkedAt.set(name, nowMs);
      // The queue's concurrency follows the gate's current limit.
      const state = await this.#context.gate(name).state();
      showLimits(metrics, name, state, state.at);
      await this.#showWaiting(name);
      showBlocked(metrics, name, (await lane.blocked())?.reason);
      if (await lane.resync(state.concurrency)) log.warn({ lane: name }, "resumed a paused lane queue");
    }
    if (await lane.probeIfDue()) log.info({ lane: name }, "probing the blocked lane");
  }
}
