import type { PortraitState } from "@darkroom/core";
import { workerOfToken, type BatchRecord, type Presence } from "@darkroom/ledger";
import type { ProducerContext } from "./context.ts";

/** Portraits looked at in one read of the bitfield. */
const CHUNK = 131_072;
export const WAITING: readonly PortraitState[] = ["queued", "retrying"];
const IN_FLIGHT: readonly PortraitState[] = ["queued", "running", "retrying"];

/** The portraits of a batch in one of these states, found by reading the bitfield. */
export async function* portraitsIn(
  context: ProducerContext,
  { spec, counts }: BatchRecord,
  states: readonly PortraitState[],
): AsyncGenerator<readonly number[]> {
  for (let start = 0; start < counts.total; start += CHUNK) {
    const length = Math.min(CHUNK, counts.total - start);
    const found = await context.ledger.indexesIn(spec.id, start, length, states);
    if (found.length > 0) yield found;
  }
}

/** Ends what waits in a stopped batch and has cost nothing; the rest is settled by its workers. */
export async function sweepStopped(context: ProducerContext, record: BatchRecord): Promise<void> {
  if (record.counts.queued + record.counts.retrying === 0) return;
  for await (const indexes of portraitsIn(context, record, WAITING)) {
    await context.ledger.cancelWaiting(record.spec.id, indexes, record.stopCode);
  }
}

/**
 * A portrait can be in flight with no job behind it, when its producer died between two steps or the lane's keys were
 * lost. One that is without a job at two sweeps in a row goes back into the row; a running one only when its worker is
 * proven dead, and only if nobody has claimed it since.
 */
export class LostJobs {
  readonly #presence: Presence;
  readonly #suspects = new Map<string, Set<number>>();

  constructor(presence: Presence) {
    this.#presence = presence;
  }

  async sweep(context: ProducerContext, record: BatchRecord): Promise<number> {
    const { spec, counts, epoch } = record;
    const before = this.#suspects.get(spec.id) ?? new Set<number>();
    const now = new Set<number>();
    let requeued = 0;
    if (counts.queued + counts.retrying + counts.running > 0) {
      const claims = await context.ledger.claims(spec.id);
      const alive = (index: number): boolean => {
        const token = claims.get(index);
        return token !== undefined && !this.#presence.isDead(workerOfToken(token));
      };
      for await (const indexes of portraitsIn(context, record, IN_FLIGHT)) {
        const lanes = [...(await context.ledger.byLane(record, indexes))];
        const looks = lanes.map(([name, own]) => context.lane(name).missing(spec.id, epoch, own));
        const jobless = (await Promise.all(looks)).flat();
        const missing = jobless.filter((index) => !alive(index));
        const lost = missing.filter((index) => before.has(index));
        for (const index of missing) if (!before.has(index)) now.add(index);
        const seen = new Map(lost.map((index) => [index, claims.get(index) ?? ""]));
        requeued += await context.ledger.requeueLost(spec.id, seen, record.stopCode);
      }
    }
    if (now.size === 0) this.#suspects.delete(spec.id);
    else this.#suspects.set(spec.id, now);
    if (requeued > 0)
      context.log.warn({ batch: spec.id, requeued }, "portraits without a job were put back into the row");
    return requeued;
  }

  /** Forgets a batch that is over. */
  forget(batchId: string): void {
    this.#suspects.delete(batchId);
  }
}
