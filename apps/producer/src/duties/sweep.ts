import { isUnanswered, type PortraitState } from "@darkroom/core";
import { sessionsOf, workerOfToken, type BatchRecord, type WorkerHeartbeats } from "@darkroom/ledger";
import type { ProducerContext } from "../context.ts";
import { SWEEP_CHUNK } from "../dispatch/intervals.ts";

/** A larger pipeline blocks Redis noticeably. */
const JOBS_AT_ONCE = 1_000;
export const WAITING: readonly PortraitState[] = ["queued", "retrying"];
const IN_FLIGHT: readonly PortraitState[] = ["queued", "running", "retrying"];

/** Yields the batch's portraits in one of these states, read from the bitfield in chunks. */
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
 * Ends the waiting portraits of a stopped batch, even if its lane is blocked. In a cancelled batch, also ends the
 * claims of dead workers. A portrait that may finish past a deadline gets a job if a requeue left the portrait without
 * a job.
 */
export async function sweepStopped(
  context: ProducerContext,
  presence: Pick<WorkerHeartbeats, "isDead">,
  record: BatchRecord,
): Promise<void> {
  const { spec, counts, epoch, stopCode, endsRunning } = record;
  const freed = endsRunning && counts.running > 0 ? await releaseDeadClaims(context, presence, record) : 0;
  let left = counts.queued + counts.retrying + freed;
  if (left === 0) return;
  for await (const indexes of portraitsIn(context, record, WAITING)) {
    left -= await context.ledger.backlog.cancelWaiting(spec.id, indexes, stopCode);
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
 * Releases the claims of dead workers in a cancelled batch, because a blocked lane would never deliver their jobs. A
 * portrait without a provider call ends here. The others wait and are then ended from their receipts.
 *
 * @returns the number of claims released
 */
async function releaseDeadClaims(
  { ledger, log }: ProducerContext,
  presence: Pick<WorkerHeartbeats, "isDead">,
  { spec, stopCode }: BatchRecord,
): Promise<number> {
  const claims = await ledger.claimTokens(spec.id);
  const lost = new Map([...claims].filter(([, token]) => presence.isDead(workerOfToken(token))));
  const freed = await ledger.backlog.requeueLost(spec.id, lost, stopCode, "dead");
  if (freed > 0) log.warn({ batch: spec.id, freed }, "released claims of a dead worker in a cancelled batch");
  return freed;
}

/**
 * Ends portraits that were called. Their sessions are recorded first, so that a worker deletes them (P8). If the
 * producer dies between the two steps, no other run needs the sessions.
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
        context.log.warn({ lane: name, dropped }, "too many provider sessions to delete: dropped the oldest");
    }
    ended += await context.ledger.stopped.end(spec.id, seen, stopCode, spec.lane);
  }
  return ended;
}

/**
 * Finds orphaned portraits: in flight without a job, because a producer died between two steps or the lane lost its
 * keys. A portrait without a job at two consecutive sweeps is requeued. If its worker is alive, the producer sends that
 * worker a claim query instead. A portrait whose answer may still be recalled gets a new job at once, because the batch
 * may have no budget to dispatch the portrait again.
 */
export class OrphanedJobs {
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
      const claims = await context.ledger.claimTokens(spec.id);
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
        requeued += await context.ledger.backlog.requeueLost(spec.id, seen, record.stopCode, "dead");
        if (!record.cancelled) await addJobs(context, record, lost);
      }
    }
    if (now.size === 0) this.#suspects.delete(spec.id);
    else this.#suspects.set(spec.id, now);
    if (requeued > 0) context.log.warn({ batch: spec.id, requeued }, "requeued orphaned portraits");
    return requeued;
  }

  /** Forgets an ended batch. */
  forget(batchId: string): void {
    this.#suspects.delete(batchId);
  }
}

/**
 * Adds a job for each portrait with an unanswered call. A duplicate job is harmless: only one can claim the portrait.
 */
async function addJobs(context: ProducerContext, record: BatchRecord, lost: readonly number[]): Promise<void> {
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
 * Returns the portraits that have no job in their lane. A requeued portrait is dispatched to the batch's current lane,
 * even if the portrait was called in another lane, so both lanes are checked.
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
