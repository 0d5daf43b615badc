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

/** A lane's own state is looked after this often. */
const HEAL_MS = protocolMs(5_000);

interface KnownBatch {
  readonly spec: BatchSpec;
  readonly lane: string;
  readonly window: RunWindow | undefined;
  readonly cameAt: number;
}

/** Feeds the lanes whose lease this producer holds: with every round, and at once on a lane's nudge. */
export class LaneFeeding {
  readonly #context: ProducerContext;
  readonly #feeder: Feeder;
  readonly #healedAt = new Map<string, number>();
  /** By lane: pending portraits of batches that are held back. */
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

  /** The batches of a round, oldest first. A nudge reads their counts anew. */
  know(batches: readonly BatchRecord[]): void {
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
   * Fills one lane's window, if this producer has its lease.
   *
   * @returns true when it is to be fed again at once: a batch's next portraits were sought and not reached yet
   */
  async feed(name: string, nowMs: number): Promise<boolean> {
    const { attendance, destinations, ledger, lease, means, metrics } = this.#context;
    // Producers that were asked for different batches feed a lane side by side.
    const { batches } = means.current;
    const whose = batches === "all" ? "" : `:${batches.join(",")}`;
    if (!(await lease(`feed:${name}${whose}`).hold())) return false;
    await this.#lookAfter(name, nowMs);
    const blocked = await destinations.read();
    // Where workers are there and none of them can do a batch, its portraits would only take room in the lane.
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

  async #lookAfter(name: string, nowMs: number): Promise<void> {
    const { log, metrics } = this.#context;
    const lane = this.#context.lane(name);
    if (nowMs - (this.#healedAt.get(name) ?? -HEAL_MS) >= HEAL_MS) {
      this.#healedAt.set(name, nowMs);
      // The queue follows what the gate lets through at present.
      const state = await this.#context.gate(name).state();
      showLimits(metrics, name, state, state.at);
      await this.#showWaiting(name);
      showBlocked(metrics, name, (await lane.blocked())?.reason);
      if (await lane.heal(state.concurrency)) log.warn({ lane: name }, "a resting lane goes on");
    }
    if (await lane.probeIfDue()) log.info({ lane: name }, "probing the blocked lane");
  }
}
