import type { BatchStatus } from "@darkroom/core";
import { portraitsText } from "./portraits-text.ts";

export interface WholePilot {
  readonly pilot: number;
  /** Portraits that can be enhanced. The pilot picks no rejected rows. */
  readonly portraits: number;
}

/** Returns the pilot if it covers the whole batch, so that nothing is left to approve; undefined otherwise. */
export function wholePilot({
  pilot,
  ingested,
  counts,
  failures,
}: Pick<BatchStatus, "pilot" | "ingested" | "counts" | "failures">): WholePilot | undefined {
  const portraits = counts.total - (failures["invalid_row"] ?? 0);
  return ingested && pilot !== null && isWhole(pilot, portraits) ? { pilot, portraits } : undefined;
}

/** True if a pilot of this size leaves nothing to approve. */
export function isWhole(pilot: number, portraits: number): boolean {
  return portraits > 0 && pilot >= portraits;
}

/** For example "The pilot of 5 is the whole batch of 4 portraits: nothing waits for approval." */
export function wholePilotText({ pilot, portraits }: WholePilot): string {
  return `The pilot of ${pilot} is the whole batch of ${portraitsText(portraits)}: nothing waits for approval.`;
}

/** Formats the pilot's row of a status. */
export function pilotText(status: BatchStatus): string | null {
  const { pilot } = status;
  if (pilot === null) return null;
  const whole = wholePilot(status);
  if (whole !== undefined)
    return `${pilot}, the whole batch of ${portraitsText(whole.portraits)}: nothing waits for approval`;
  return `${portraitsText(pilot)} ${pilot === 1 ? "comes" : "come"} first, then it waits for approval`;
}
