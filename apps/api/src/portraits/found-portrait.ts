import type { OutcomeCode, PortraitState } from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";

export interface FoundPortrait {
  readonly index: number;
  /** The shown state. Portraits that a cancelled batch never started count as cancelled. */
  readonly state: PortraitState;
  /** Its outcome if it was cancelled before any attempt; otherwise undefined. */
  readonly neverStarted: OutcomeCode | undefined;
}

/** True for a portrait whose result users can decide about. */
export function hasResult({ state }: Pick<FoundPortrait, "state">): boolean {
  return state === "succeeded" || state === "skipped";
}

/** Returns a portrait with its state from the ledger's bitfield. */
export function foundPortrait(
  record: Pick<BatchRecord, "cancelled" | "stopCode">,
  index: number,
  stored: PortraitState,
): FoundPortrait {
  const neverStarted = record.cancelled && stored === "pending" ? record.stopCode : undefined;
  return { index, state: neverStarted === undefined ? stored : "cancelled", neverStarted };
}
