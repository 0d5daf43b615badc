import { isUnanswered, type PortraitState } from "@darkroom/core";
import { sessionsOf, workerOfToken, type BatchRecord, type WorkerHeartbeats } from "@darkroom/ledger";
import type { ProducerContext } from "../context.ts";
import { SWEEP_CHUNK } from "../dispatch/rhythm.ts";

/** A pipeline of more commands blocks Redis noticeably. */
const JOBS_AT_ONCE = 1_000;
export const WAITING: readonly PortraitState[] = ["queued", "retrying"];
const IN_FLIGHT: readonly PortraitState[] = ["queued", "running", "retrying"];

/** The portraits of a batch in one of these states, found by reading the bitfield. */
export async function* portraitsIn(
  context: ProducerContext,
  { spec, counts }: BatchRecord,
  states: readonly PortraitState[],
): AsyncGenerator<readonly number[]> {
  for (let start = 0; start < counts.total; start += SWEEP_CHUNK) {
    const length = Math.min(SWEEP_CHUNK, counts.total - start);
    const found = await context.ledger.indexesIn(spec.id, start, length, states);
    if (found.length > 0) yield found;
  }
}

/**
 * Ends what waits in a stopped batch, whatever its lane does, and what a dead worker holds of a cancelled one. What a
 * deadline lets go on is finished by a worker: where it was parked, and so has no job, it gets one.
 */
export async function sweepStopped(
  context: ProducerContext,
  presence: Pick<WorkerHeartbeats, "isDead">,
  record: BatchRecord,
): Promise<void> {
  const { spec, counts, epoch, stopCode, endsRunning } = record;
  const freed = endsRunning && counts.running > 0 ? await freeFromDead(context, presence, record) : 0;
  let left = counts.queued + counts.retrying + freed;
  if (left === 0) return;
  for await (const indexes of portraitsIn(context, record, WAITING)) {
    left -= await context.ledger.cancelWaiting(spec.id, indexes, stopCode);
    left -= await endSeen(context, record, indexes);
  }
  if (left <= 0 || endsRunning) return;
  for await (const indexes of portraitsIn(context, record, ["queued"])) {
    for (let start = 0; start < indexes.length; start += JOBS_AT_ONCE) {
      const some = indexes.slice(start, start + JOBS_AT_ONCE);
      for (const [name, own] of await context.ledger.byLane(record, some)) {
        const lane = context.lane(name);
        await lane.add(spec.id, epoch, await lane.missing(spec.id, epoch, own), true);
      }
    }
  }
}

/**
 * Takes from dead workers what they hold of a cancelled batch, whether it has a job or not: a blocked lane gives that job
 * to nobody, and without a worker nobody comes for it. What no provider was called for ends here; the rest waits
 * afterwards, to be ended from its receipt.
 *
 * @returns how many were taken
 */
async function freeFromDead(
  { ledger, log }: ProducerContext,
  presence: Pick<WorkerHeartbeats, "isDead">,
  { spec, stopCode }: BatchRecord,
): Promise<number> {
  const claims = await ledger.claims(spec.id);
  const lost = new Map([...claims].filter(([, token]) => presence.isDead(workerOfToken(token))));
  const freed = await ledger.requeueLost(spec.id, lost, stopCode, "dead");
  if (freed > 0) log.warn({ batch: spec.id, freed }, "portraits of a cancelled batch were taken from a dead worker");
  return freed;
}

/**
 * Ends portraits that a provider was called for. What it may keep of them is noted first, for a worker to clear (P8): a
 * producer that dies in between has only had sessions noted of which no more use is made.
 */
async function endSeen(context: ProducerContext, record: BatchRecord, indexes: readonly number[]): Promise<number> {
  const { spec, stopCode } = record;
  let ended = 0;
  for (let start = 0; start < indexes.length; start += JOBS_AT_ONCE) {
    const seen = await context.ledger.stopped.seen(record, indexes.slice(start, start + JOBS_AT_ONCE));
    for (const [name, own] of Map.groupBy(seen, ({ receipt }) => receipt.lane ?? spec.lane)) {
      const sessions = own.flatMap(({ receipt }) => sessionsOf(spec.id, receipt));
      const dropped = await context.lane(name).leftSessions.note(sessions);
      if (dropped > 0)
        context.log.warn({ lane: name, dropped }, "too many sessions are left to clear: the oldest are not");
    }
    ended += await context.ledger.stopped.end(spec.id, seen, stopCode, spec.lane);
  }
  return ended;
}

/**
 * A portrait can be in flight with no job behind it, when its producer died between two steps or the lane's keys were
 * lost. One that is without a job at two sweeps in a row goes back into the row; a running one only when its worker is
 * proven dead, and only if nobody has claimed it since. One whose answer may be found is not put into the row, which rests
 * while its batch pays for nothing: it is given another job. Where the worker lives, it is asked whether it still works on it;
 * of a cancelled batch about all that it holds, as a blocked lane gives the job of a leftover claim to nobody.
 */
export class LostJobs {
  readonly #presence: WorkerHeartbeats;
  readonly #suspects = new Map<string, Set<number>>();

  constructor(presence: WorkerHeartbeats) {
    this.#presence = presence;
  }

  async sweep(context: ProducerContext, record: BatchRecord): Promise<number> {
    const { spec, counts } = record;
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
        const looks = lanes.map(([name, own]) => joblessIn(context, record, name, own));
        const jobless = (await Promise.all(looks)).flat();
        const missing = jobless.filter((index) => !alive(index));
        const unsure = record.endsRunning ? indexes : jobless;
        const doubted = unsure.filter(alive).map((index) => [index, claims.get(index) ?? ""] as const);
        if (doubted.length > 0) await context.ledger.claimQueries.raise(spec.id, new Map(doubted));
        const lost = missing.filter((index) => before.has(index));
        for (const index of missing) if (!before.has(index)) now.add(index);
        const seen = new Map(lost.map((index) => [index, claims.get(index) ?? ""]));
        requeued += await context.ledger.requeueLost(spec.id, seen, record.stopCode, "dead");
        if (!record.cancelled) await giveJobs(context, record, lost);
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

/** Another job for each of these that is still to be asked for. A second one changes nothing: the claim steps back. */
async function giveJobs(context: ProducerContext, record: BatchRecord, lost: readonly number[]): Promise<void> {
  const { spec, epoch } = record;
  const asked: number[] = [];
  for (const index of lost) {
    const receipt = await context.ledger.receipt(spec.id, index);
    if (receipt !== undefined && isUnanswered(receipt)) asked.push(index);
  }
  for (const [name, own] of await context.ledger.byLane(record, asked)) {
    await context.lane(name).add(spec.id, epoch, own, true);
  }
}

/**
 * Those of these without a job in their lane. What is parked is dispatched to the batch's present lane, be it called in
 * another before: there its job waits, however long that lane is blocked, to be sent on.
 */
async function joblessIn(
  { lane }: Pick<ProducerContext, "lane">,
  { spec, epoch, lane: present }: BatchRecord,
  name: string,
  indexes: readonly number[],
): Promise<readonly number[]> {
  const missing = await lane(name).missing(spec.id, epoch, indexes);
  return name === present || missing.length === 0 ? missing : await lane(present).missing(spec.id, epoch, missing);
}
