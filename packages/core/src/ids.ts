import { monotonicFactory } from "ulid";

const nextUlid = monotonicFactory();

/** A new batch id: a ULID in lower case (time-ordered, no `:`, never an integer, safe in keys, file names and job ids). */
export function newBatchId(): string {
  return nextUlid().toLowerCase();
}

const BATCH_ID = /^[0-9a-hjkmnp-tv-z]{26}$/;

export function isBatchId(value: string): boolean {
  return BATCH_ID.test(value);
}

/**
 * The provider session of one portrait. Derived, never random: a worker that has lost everything else can still ask the
 * provider what became of it. Derived from who the portrait is and never from its place in a list: see
 * `portraitIdentity`.
 *
 * @param generation how many sessions of this portrait were lost before; 0 for the first
 * @param round the round of the batch; 0 for the first
 */
export function sessionId(batchId: string, identity: string, generation: number, round = 0): string {
  return `darkroom-${batchId}-${identity}${round === 0 ? "" : `-r${round}`}${generation === 0 ? "" : `-g${generation}`}`;
}
