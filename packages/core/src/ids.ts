import { monotonicFactory } from "ulid";

const nextUlid = monotonicFactory();

/**
 * Creates a batch id: a lower-case ULID (time-ordered, no `:`, never an integer, safe in keys, file names and job ids).
 */
export function newBatchId(): string {
  return nextUlid().toLowerCase();
}

const BATCH_ID = /^[0-9a-hjkmnp-tv-z]{26}$/;

export function isBatchId(value: string): boolean {
  return BATCH_ID.test(value);
}

/**
 * Returns the provider session of one portrait. The session is derived from the portrait's identity (never from its
 * index; see `portraitIdentity`), so that a worker that lost all state can still query the provider about the portrait.
 *
 * @param generation number of lost sessions of this portrait; 0 for the first
 * @param round the batch's round; 0 for the first
 */
export function sessionId(batchId: string, identity: string, generation: number, round = 0): string {
  return `darkroom-${batchId}-${identity}${round === 0 ? "" : `-r${round}`}${generation === 0 ? "" : `-g${generation}`}`;
}
