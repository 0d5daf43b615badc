/** A recall that the provider's memory did not answer. */
export interface SilentMemory {
  /** Time since the call. */
  readonly sinceMs: number;
  readonly deadlineMs: number;
  /** No connection could be made, so the state of the memory is unknown. */
  readonly unreached: boolean;
  /** The batch may not spend now, so no new call could follow. */
  readonly asksOnly: boolean;
  /** The whole lane is blocked, so this portrait did not cause the memory's silence. */
  readonly laneRests: boolean;
}

/**
 * Decides whether to give up a call whose answer may be in a memory that does not respond. A call that is given up
 * counts as a failed attempt that may have been paid. Waits at least two deadlines. Recalls are free, so a portrait
 * that could not be called again keeps recalling, at growing intervals.
 */
export function silentMemory(silent: SilentMemory): "give-up" | "ask-soon" | "ask-later" {
  const { sinceMs, deadlineMs, unreached, asksOnly, laneRests } = silent;
  if (unreached || sinceMs < 2 * deadlineMs) return "ask-soon";
  if (asksOnly) return "ask-later";
  return laneRests ? "ask-soon" : "give-up";
}
