import { isDarkroomError, type BatchStatus, type LeftBehind } from "@darkroom/core";
import type { PortraitView } from "../api/api-views.ts";
import type { DarkroomClient } from "../api/client.ts";
import { CommandError } from "../exit-codes.ts";
import { hasSkipped, NONE_SKIPPED, skippedPortraits, type Skipped } from "./skipped-portraits.ts";
import { failureReasons, type FailureReason } from "./failure-reasons.ts";

/** Number of portraits named in a line. The line counts the others, if they are more than one. */
export const MOST_NAMED = 3;

/** Names of the first portraits behind the counts of a batch's summary. */
export interface NamedPortraits {
  readonly standingOut: readonly string[];
  /** Outcome code → names. */
  readonly failed: ReadonlyMap<string, readonly string[]>;
  /** Outcome code → reasons. */
  readonly reasons: ReadonlyMap<string, readonly FailureReason[]>;
  readonly skipped: Skipped;
  /** Kind of file that remains under a portrait's name → names. */
  readonly leftBehind: ReadonlyMap<LeftBehind, readonly string[]>;
}

export const NONE_NAMED: NamedPortraits = {
  standingOut: [],
  failed: new Map(),
  reasons: new Map(),
  skipped: NONE_SKIPPED,
  leftBehind: new Map(),
};

/**
 * Looks up the names for a batch's summary, with at most four requests. Omits portraits that the API does not know.
 */
export async function namedPortraits(client: DarkroomClient, status: BatchStatus): Promise<NamedPortraits> {
  const [standingOut, failed, cancelled, skipped] = await Promise.all([
    orNone(standingOutOf(client, status), NONE_NAMED.standingOut),
    orNone(failedOf(client, status), []),
    orNone(cancelledOf(client, status), []),
    orNone(skippedPortraits(client, status), NONE_SKIPPED),
  ]);
  return {
    standingOut,
    failed: namesBy(failed, ({ outcome }) => outcome?.code),
    reasons: failureReasons(failed),
    skipped,
    leftBehind: namesBy([...failed, ...cancelled], ({ leftBehind }) => leftBehind ?? undefined),
  };
}

/** True if a batch's summary may name portraits, so that {@link namedPortraits} needs the API. */
export function mayNamePortraits(status: BatchStatus): boolean {
  return hasStandingOut(status) || hasFailed(status) || hasSkipped(status);
}

function hasStandingOut({ consistency }: BatchStatus): boolean {
  return consistency !== null && consistency.review > 0;
}

function hasFailed({ counts }: BatchStatus): boolean {
  return counts.failed > 0;
}

async function standingOutOf(client: DarkroomClient, status: BatchStatus): Promise<readonly string[]> {
  if (!hasStandingOut(status)) return [];
  const { portraits } = await client.consistency(status.id);
  return portraits.slice(0, MOST_NAMED + 1).map((portrait) => portrait.id);
}

async function failedOf(client: DarkroomClient, status: BatchStatus): Promise<readonly PortraitView[]> {
  return hasFailed(status) ? await client.firstPortraits(status.id, "failed") : [];
}

/** The cancelled portraits are named only for the files that remain under their names. */
async function cancelledOf(client: DarkroomClient, status: BatchStatus): Promise<readonly PortraitView[]> {
  const { id, counts, leftBehind } = status;
  const isAny = counts.cancelled > 0 && Object.keys(leftBehind).length > 0;
  return isAny ? await client.firstPortraits(id, "cancelled") : [];
}

function namesBy<K>(
  portraits: readonly PortraitView[],
  keyOf: (portrait: PortraitView) => K | undefined,
): ReadonlyMap<K, readonly string[]> {
  const found = new Map<K, string[]>();
  for (const portrait of portraits) {
    const [key, called] = [keyOf(portrait), portrait.id ?? portrait.source];
    if (key === undefined || called === null) continue;
    const names = found.get(key) ?? [];
    if (names.length <= MOST_NAMED) found.set(key, [...names, called]);
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
