import { budgetForAll, type BatchState, type BatchStatus } from "@darkroom/core";

const WAITING: readonly BatchState[] = ["awaiting_confirmation", "awaiting_approval", "paused"];

/**
 * True when the batch makes no progress until a user decides. Portraits that ran when the batch was paused have ended
 * at that point.
 */
export function waitsForPerson({ state, counts }: BatchStatus): boolean {
  return WAITING.includes(state) && counts.running === 0;
}

/** True if the failure breaker paused a batch because of the provider's questions. */
export function waitsForAnswer({ pausedBy, reason }: BatchStatus): boolean {
  return pausedBy === "breaker" && reason?.includes("needs_clarification") === true;
}

/** Returns the command that continues a waiting batch, ready to be typed; undefined if there is none. */
export function commandThatGoesOn(status: BatchStatus): string | undefined {
  const { id, state, pausedBy, maxCostUsd } = status;
  const budget = budgetForAll(status)?.toFixed(2) ?? `<more than ${maxCostUsd ?? 0}>`;
  switch (state) {
    case "awaiting_confirmation":
      return `darkroom confirm ${id}`;
    case "awaiting_approval":
      return `darkroom approve ${id}`;
    case "paused":
      if (waitsForAnswer(status)) return `darkroom answer ${id} "<your answer>"`;
      return pausedBy === "budget" ? `darkroom resume ${id} --max-cost ${budget}` : `darkroom resume ${id}`;
    case "ingesting":
    case "running":
    case "finishing":
    case "completed":
    case "completed_with_failures":
    case "cancelled":
    case "failed":
      return undefined;
  }
  return state satisfies never;
}
