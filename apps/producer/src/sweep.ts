import { workerOfToken, type BatchRecord, type Presence } from "@darkroom/ledger";
import type { ProducerContext } from "./context.ts";

/** Portraits looked at in one read of the bitfield. */
const CHUNK = 65_536;

/** The portraits of a batch that are queued or retrying (with `running` where asked), found by reading the bitfield. */
async function* inFlight(
  context: ProducerContext,
  record: BatchRecord,
  withRunning: boolean,
): AsyncGenerator<number[]> {
  const { spec, counts } = record;
  for (let start = 0; start < counts.total; start += CHUNK) {
    const states = await context.ledger.states(spec.id, start, Math.min(CHUNK, counts.total - start));
    const found: number[] = [];
    states.forEach((state, offset) => {
      if (state === "queued" || state === "retrying" || (withRunning && state === "running"))
        found.push(start + offset);
    });
    if (found.length > 0) yield found;
  }
}

/** Ends what waits in a cancelled batch and has cost nothing; the rest is settled by its workers. */
export async function sweepCancelled(context: ProducerContext, record: BatchRecord): Promise<void> {
  if (record.counts.queued + record.counts.retrying === 0) return;
  for await (const indexes of inFlight(context, record, false))
    await context.ledger.cancelWaiting(record.spec.id, indexes);
}

/**
 * A portrait can be in flight with no job behind it, when its producer died between two steps or the lane's keys were
 * lost. One that is without a job at two sweeps in a row goes back into the row; a running one only when its worker is
 * proven dead.
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
      for await (const indexes of inFlight(context, record, true)) {
        const jobless = await context.lane(spec.lane).missing(spec.id, epoch, indexes);
        const missing = jobless.filter((index) => !alive(index));
        const lost = missing.filter((index) => before.has(index));
        for (const index of missing) if (!before.has(index)) now.add(index);
        requeued += await context.ledger.requeueLost(spec.id, lost);
      }
    }
    if (now.size === 0) this.#suspects.delete(spec.id);
    else this.#suspects.set(spec.id, now);
    if (requeued > 0)
      context.log.warn({ batch: spec.id, requeued }, "portraits without a job were put back into the row");
    return requeued;
  }
}
