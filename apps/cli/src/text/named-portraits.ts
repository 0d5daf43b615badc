import { isDarkroomError, type BatchStatus } from "@darkroom/core";
import type { PortraitView } from "../api/api-views.ts";
import type { DarkroomClient } from "../api/client.ts";
import { CommandError } from "../exit-codes.ts";
import { addedToDelivered, NONE_ADDED, type Added } from "./added-to-delivered.ts";
import { failureReasons, type FailureReason } from "./failure-reasons.ts";

/** Number of portraits named in a line. The line counts the others. */
const MOST_NAMED = 3;

/** Names of the first portraits behind the counts of a batch's summary. */
export interface NamedPortraits {
  readonly standingOut: readonly string[];
  /** Outcome code → names. */
  readonly failed: ReadonlyMap<string, readonly string[]>;
  /** Outcome code → reasons. */
  readonly reasons: ReadonlyMap<string, readonly FailureReason[]>;
  readonly added: Added;
}

export const NONE_NAMED: NamedPortraits = {
  standingOut: [],
  failed: new Map(),
  reasons: new Map(),
  added: NONE_ADDED,
};

/**
 * Looks up the names for a batch's summary, with at most three requests. Omits portraits that the API does not know.
 */
export async function namedPortraits(client: DarkroomClient, status: BatchStatus): Promise<NamedPortraits> {
  const [standingOut, failed, added] = await Promise.all([
    orNone(standingOutOf(client, status), NONE_NAMED.standingOut),
    orNone(failedOf(client, status), []),
    orNone(addedToDelivered(client, status), NONE_ADDED),
  ]);
  return { standingOut, failed: namesOf(failed), reasons: failureReasons(failed), added };
}

async function standingOutOf(client: DarkroomClient, { id, consistency }: BatchStatus): Promise<readonly string[]> {
  if (consistency === null || consistency.review === 0) return [];
  const { portraits } = await client.consistency(id);
  return portraits.slice(0, MOST_NAMED).map((portrait) => portrait.id);
}

async function failedOf(client: DarkroomClient, { id, counts }: BatchStatus): Promise<readonly PortraitView[]> {
  return counts.failed === 0 ? [] : await client.firstPortraits(id, "failed");
}

function namesOf(portraits: readonly PortraitView[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { id: name, source, outcome } of portraits) {
    const called = name ?? source;
    if (outcome === null || called === null) continue;
    const names = found.get(outcome.code) ?? [];
    if (names.length < MOST_NAMED) found.set(outcome.code, [...names, called]);
  }
  return found;
}

async function orNone<T>(asked: Promise<T>, none: T): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof CommandError || isDarkroomError(error)) return none;
    throw error;
  }
}
