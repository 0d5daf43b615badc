/** A recall that the provider's memory did not answer. */
export interface SilentMemory {
  /** Time since the call. */
  readonly sinceMs: number;
  readonly deadlineMs: number;
  /** No connection could be made, which says nothing about the memory. */
  readonly unreached: boolean;
  /** The batch may not spend now, so no other call could follow. */
  readonly asksOnly: boolean;
  /** The whole lane is blocked, so its memory's silence is no failure of this portrait. */
  readonly laneRests: boolean;
}

/**
 * Decides whether to give up a call whose answer a silent memory may hold; it then counts as a failed attempt that may
 * have been paid. Waits at least two deadlines. Recalls are free, so a portrait that could not be called again keeps
 * asking, less and less often.
 */
export function silentMemory(silent: SilentMemory): "give-up" | "ask-soon" | "ask-later" {
  const { sinceMs, deadlineMs, unreached, asksOnly, laneRests } = silent;
  if (unreached || sinceMs < 2 * deadlineMs) return "ask-soon";
  if (asksOnly) return "ask-later";
  return laneRests ? "ask-soon" : "give-up";
}
